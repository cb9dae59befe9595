# The device plugin: finds the VFs of a pool, registers at a kubelet, is asked for its devices and for one of them.
# shellcheck shell=bash
# shellcheck source=host.bash
source "$training/host.bash"
arguments=(--log-level=10 --resource-prefix=openshift.io --config-file=/run/sriov/device-plugin/config.json
  --metrics-bind-address=127.0.0.1:8080)

prepare() {
  fake_node
  mkdir -p "$root/run/sriov/device-plugin" "$root/var/run/k8s.cni.cncf.io/devinfo/dp"
  rm -f "$root/run/sriov/device-plugin/config.json"
  start_kubelet
}

exercise() {
  # First without configuration, as on a node that is not configured yet.
  await 60 "the plugin to wait for its configuration" http 8080 /readyz
  printf '%s' '{"resourceList":[{"resourceName":"trained","selectors":{"vendors":["8086"],"devices":["10ca"],"pfNames":["pf0"]}}]}' \
    >"$root/run/sriov/device-plugin/.new"
  mv "$root/run/sriov/device-plugin/.new" "$root/run/sriov/device-plugin/config.json"
  await 60 "the kubelet to get a device" grep -q allocated "$scratch/kubelet"
  http 8080 /metrics >/dev/null
}

finish() { stop_kubelet; }
