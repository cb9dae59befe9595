# The config daemon: reads a node, carries a state out, publishes the result, hands the plugin its configuration,
# serves CNI calls.
# shellcheck shell=bash
# shellcheck source=host.bash
source "$training/host.bash"
environment=(
  NODE_NAME=worker1 NAMESPACE=sriov-network-operator KUBECONFIG=/training/kubeconfig CLUSTER_TYPE=kubernetes
)
arguments=(start --health-probe-bind-address=127.0.0.1:8081 --metrics-bind-address=127.0.0.1:8080)

prepare() {
  fake_node
  # Its own host root; modprobe there: the real one would load modules into this machine.
  mkdir -p "$root"/host/{etc/udev/rules.d,tmp,usr/bin,usr/sbin,lib,lib64} "$root/run/sriov/cni" "$root/run/netns"
  start_kubelet
  touch "$root/run/netns/trained"
  unshare "--net=$root/run/netns/trained" true
  cluster apply --server-side -f "$repository/chart/crds"
  cluster wait --for=condition=Established crd --all --timeout=30s
  cluster create namespace sriov-network-operator
  cluster -n sriov-network-operator create configmap supported-nic-ids --from-literal=Intel_ixgbe_82576='8086 10c9 10ca'
  cluster -n sriov-network-operator create configmap device-plugin-config --from-literal=worker1='{"resourceList":[]}'
  cluster apply -f "$training/node.yaml" -f "$training/state.yaml"
}

exercise() {
  await 60 "the kubelet to be asked for its pods" grep -q asked "$scratch/kubelet"
  await 60 "the inventory in the node's status" reported
  await 60 "the result in the node's status" synced
  await 60 "the device plugin's file" test -s "$root/run/sriov/device-plugin/config.json"
  http 8080 /metrics >/dev/null
  # A veth pair has no VFs to report: the call goes as far as that, and then the way of failures.
  ! attachment ADD || die "an attachment of what is no VF"
  grep -q 'pf0 does not report its VF 0' "$scratch/attachment" || die "ADD: $(<"$scratch/attachment")"
  attachment DEL || die "DEL: $(<"$scratch/attachment")"
}

# What the container runtime calls.
attachment() {
  env -i PATH=/usr/sbin:/usr/bin CNI_COMMAND="$1" CNI_CONTAINERID=trained CNI_NETNS=/run/netns/trained CNI_IFNAME=net1 \
    CNI_PATH=/opt/cni/bin chroot "$root" /opt/sriov/cni/sriov >"$scratch/attachment" \
    <<<'{"cniVersion": "1.0.0", "name": "trained", "type": "sriov", "deviceID": "0000:01:10.0"}'
}

status_of() { cluster -n sriov-network-operator get sriovnetworknodestate worker1 -o "jsonpath={.status.$1}"; }
reported() { [[ $(status_of 'interfaces[*].name') == pf0 ]]; }
synced() { [[ $(status_of syncStatus) == @(Succeeded|Failed) ]]; }

finish() {
  stop_kubelet
  umount "$root/run/netns/trained"
}
