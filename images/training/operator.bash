# The operator: configuration to workloads, a policy to a NodeState, a network to an attachment, and their deletion.
# shellcheck shell=bash
environment=(
  NAMESPACE=sriov-network-operator KUBECONFIG=/training/kubeconfig RESOURCE_PREFIX=openshift.io CLUSTER_TYPE=kubernetes
  SRIOV_NETWORK_CONFIG_DAEMON_IMAGE=node SRIOV_CNI_IMAGE=node SRIOV_DEVICE_PLUGIN_IMAGE=node
)
arguments=(--health-probe-bind-address=127.0.0.1:8081 --metrics-bind-address=127.0.0.1:8080)

prepare() {
  cluster apply --server-side -f "$repository/chart/crds" -f "$repository/chart/files/network-attachment-definition-crd.yaml"
  cluster wait --for=condition=Established crd --all --timeout=30s
  cluster create namespace sriov-network-operator
  cluster -n sriov-network-operator create configmap supported-nic-ids --from-literal=Intel_ixgbe_82576='8086 10c9 10ca'
  cluster apply -f "$training/node.yaml"
}

exercise() {
  await 60 "the operator to be ready" is_ready
  cluster apply -f "$training/objects.yaml"
  await 60 "the node's state" cluster -n sriov-network-operator get sriovnetworknodestate worker1
  await 60 "the config daemon" cluster -n sriov-network-operator get daemonset sriov-network-config-daemon
  # What the node would report, for the policy's and the plugin's part.
  cluster -n sriov-network-operator patch sriovnetworknodestate worker1 --subresource=status --type=merge \
    --patch-file "$training/status.yaml"
  await 60 "the PF in the node's state" has_interface
  await 60 "the device plugin's configuration" has_plugin_config
  await 60 "the attachment" cluster get network-attachment-definition trained
  cluster -n sriov-network-operator delete sriovnetwork/trained sriovnetworknodepolicy/trained --wait=false
  await 60 "the attachment to go" gone
}

is_ready() { [[ $(http 8081 /readyz) == *' 200 '* ]] && http 8080 /metrics; }
has_interface() { [[ -n $(cluster -n sriov-network-operator get sriovnetworknodestate worker1 -o 'jsonpath={.spec.interfaces[*].name}') ]]; }
has_plugin_config() { [[ $(cluster -n sriov-network-operator get configmap device-plugin-config -o 'jsonpath={.data.worker1}') == *trained* ]]; }
gone() { ! cluster get network-attachment-definition trained; }
