# A node to look at: one PF (82576) with two VFs, as sysfs shows them, and netdevs of these names as the kernel lists
# them (veth pairs in the network namespace of the training). Sourced by the processes of the node.
# shellcheck shell=bash

fake_node() {
  local sys=$root/sys pf=0000:01:00.0 vf index
  [[ ! -d $sys/bus ]] || return 0
  mkdir -p "$sys"/bus/pci/drivers/{igb,igbvf,vfio-pci} "$sys/class/net" "$sys/module"
  ip link add pf0 type veth peer name pf0-peer
  fake_function "$pf" 0x10c9 igb pf0
  echo 7 >"$sys/bus/pci/devices/$pf/sriov_totalvfs"
  echo 2 >"$sys/bus/pci/devices/$pf/sriov_numvfs"
  echo 1 >"$sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"
  for index in 0 1; do
    vf=0000:01:10.$((index * 2))
    ip link add "pf0v$index" type veth peer name "pf0v$index-peer"
    fake_function "$vf" 0x10ca igbvf "pf0v$index"
    ln -s "../$pf" "$sys/bus/pci/devices/$vf/physfn"
    ln -s "../$vf" "$sys/bus/pci/devices/$pf/virtfn$index"
  done
}

fake_function() { # address device driver netdev
  local folder=$root/sys/bus/pci/devices/$1
  mkdir -p "$folder/net/$4"
  echo 0x020000 >"$folder/class"
  echo 0x8086 >"$folder/vendor"
  echo "$2" >"$folder/device"
  echo 0 >"$folder/numa_node"
  local id=${2#0x}
  echo "pci:v00008086d0000${id^^}sv00008086sd0000A03Cbc02sc00i00" >"$folder/modalias"
  echo >"$folder/driver_override"
  ln -s "../../drivers/$3" "$folder/driver"
  ln -s "../.." "$folder/net/$4/device"
  ip -o link show "$4" | sed -E 's/.*link\/ether ([0-9a-f:]+).*/\1/' >"$folder/net/$4/address"
  echo 1500 >"$folder/net/$4/mtu"
  echo 1 >"$folder/net/$4/type"
  ln -s "../../bus/pci/devices/$1/net/$4" "$root/sys/class/net/$4"
}

# The kubelet of the tests, on the image's own runtime and jars. Sets kubelet_pid; what it did is in $scratch/kubelet.
start_kubelet() {
  mkdir -p "$root"/var/lib/kubelet/{device-plugins,pod-resources} "$scratch/classes"
  "$JAVA_HOME/bin/javac" -proc:none -d "$scratch/classes" -cp "$(echo "$root"/opt/sriov/lib/*.jar | tr ' ' :)" \
    "$training/Kubelet.java" "$repository/kubelet/src/test/java/io/sriov/kubelet/FakeKubelet.java"
  # What the kubelet of another process has said is no answer.
  : >"$scratch/kubelet"
  chroot "$root" /opt/sriov/runtime/bin/java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp '/training/classes:/opt/sriov/lib/*' Kubelet >"$scratch/kubelet" &
  kubelet_pid=$!
  process=$kubelet_pid
  await 60 "the kubelet for the training" grep -q up "$scratch/kubelet"
}

stop_kubelet() {
  kill "$kubelet_pid" 2>/dev/null || true
  wait "$kubelet_pid" 2>/dev/null || true
}
