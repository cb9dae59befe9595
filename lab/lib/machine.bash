# The nodes: virtual machines with SR-IOV cards; to be sourced after process.bash.
# shellcheck shell=bash

# Node N (from 1) is workerN: slirp network 10.0.S.0/24, itself at 10.0.S.15, the control plane at 10.0.S.2.
subnet_of() { echo $((first_subnet + ${1#worker} - 1)); }
address_of() { echo "10.0.$(subnet_of "$1").15"; }

# Prints the command for a program of the unpacked QEMU: through its own dynamic linker, with its own libraries.
qemu() {
  local root=$emulator_folder loader=/lib64/ld-linux-x86-64.so.2
  # Debian 13's packages have everything under /usr.
  [[ -e $root$loader ]] || loader=/usr$loader
  echo "$root$loader" --library-path "$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/$1"
}

# Writes the folder that becomes /mnt/lab in node $1.
describe_node() {
  local node=$1 share=$state/nodes/$1/share number=${1#worker}
  mkdir -p "$share/keys"
  chmod 700 "$share/keys"
  cat >"$share/node.env" <<ENV
NODE_ADDRESS=$(address_of "$node")
GATEWAY=10.0.$(subnet_of "$node").2
API_PORT=$api_port
POD_SUBNET=10.244.$number.0/24
ENV
  make_certificate "$node" "/O=system:nodes/CN=system:node:$node" extendedKeyUsage=clientAuth
  make_kubeconfig "$node" "https://10.0.$(subnet_of "$node").2:$api_port" "$share/keys/kubelet.kubeconfig"
  make_kubeconfig multus "https://10.0.$(subnet_of "$node").2:$api_port" "$share/keys/multus.kubeconfig"
  cp "$state/keys/ca.crt" "$state/keys/ssh_host_key" "$share/keys/"
  cp "$state/keys/ssh.pub" "$share/keys/authorized_keys"
}

# Devices of one card family. The netdevs of both cards, of all their VFs and of the neighbour nodes are on one hub.
igb_cards() {
  local number=$1 card
  for card in 1 2; do
    echo -netdev "hubport,id=card$card,hubid=1" \
      -device "pcie-root-port,id=slot$card,chassis=$card,slot=$card,addr=$((15 + card)).0" \
      -device "igb,bus=slot$card,netdev=card$card,mac=$(printf '52:54:00:5e:%02x:%02x' "$number" "$card")"
  done
}

# SR-IOV on virtio-net: every VF is a device of its own, which names its PF and comes before it; function 0 is the PF.
virtio_cards() {
  local number=$1 card function common
  for card in 1 2; do
    echo -device "pcie-root-port,id=slot$card,chassis=$card,slot=$card,addr=$((15 + card)).0"
    common="bus=slot$card,romfile=,iommu_platform=on"
    for function in 7 6 5 4 3 2 1; do
      echo -netdev "hubport,id=vf$card-$function,hubid=1" \
        -device "virtio-net-pci,$common,addr=0x0.0x$function,sriov-pf=card$card,netdev=vf$card-$function,mac=$(printf '52:54:00:5f:%02x:%x%x' "$number" "$card" "$function")"
    done
    echo -netdev "hubport,id=pf$card,hubid=1" \
      -device "virtio-net-pci,$common,addr=0x0.0x0,id=card$card,netdev=pf$card,mac=$(printf '52:54:00:5e:%02x:%02x' "$number" "$card")"
  done
}

# Two machines of the chain share a pair of datagram sockets: a frame on one's hub comes to the other's. A chain has no
# loop, and a neighbour that is down only loses frames. Paths are relative: socket addresses hold 107 bytes.
links() {
  local number=$1
  if ((number > 1)); then
    echo -netdev "dgram,id=previous,local.type=unix,local.path=link-$number-down,remote.type=unix,remote.path=../worker$((number - 1))/link-$((number - 1))-up" \
      -netdev hubport,id=previous-port,hubid=1,netdev=previous
  fi
  echo -netdev "dgram,id=next,local.type=unix,local.path=link-$number-up,remote.type=unix,remote.path=../worker$((number + 1))/link-$((number + 1))-down" \
    -netdev hubport,id=next-port,hubid=1,netdev=next
}

# A processor whose kernel clears and copies memory a word at a time: QEMU's `max` has ERMS and FSRM, with which it does so
# byte by byte (emulated, 100 MB took 1.5 times as long to write, a JVM a quarter longer to start), and page tables of five
# levels. SMAP, SMEP, UMIP and PKU guard against what no test does; what they cost was within the noise. Without AVX, as the
# Nehalem it resembles, TLS in a JVM becomes slow.
processor=max,vendor=GenuineIntel,family=6,model=26,-erms,-fsrm,-la57,-smap,-smep,-umip,-pku

# Starts the machine of node $1. eim lets its kernel use x2APIC, whose registers are not in memory: TCG now and then sends
# a write to the memory of a device to a wrong place while VFs come or go, and a timer that is lost stops a processor.
start_node() {
  local node=$1 number=${1#worker} folder=$state/nodes/$1 subnet address ssh_port
  subnet=$(subnet_of "$node")
  address=$(address_of "$node")
  ssh_port=$(free_port $((22000 + number)))
  echo "$ssh_port" >"$folder/ssh-port"
  cd "$folder"
  rm -f link-* console.log
  if [[ ! -f disk.qcow2 ]]; then
    $(qemu qemu-img) create -q -f qcow2 -F raw -b "$node_folder/disk.raw" disk.qcow2
    $(qemu qemu-img) create -q -f qcow2 -F raw -b "$store_folder/store.raw" store.qcow2
  fi
  # The API server reaches the kubelet at the node's own address, made local here.
  ip route replace local "$address/32" dev lo src 127.0.0.1
  echo "$address" >>"$state/routes"
  # shellcheck disable=SC2046 # words are meant to split; no path here may hold spaces (see main)
  # malloc in huge pages: QEMU looks up the code it has translated in tables that malloc gave it.
  spawn "$node" env GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $(qemu qemu-system-x86_64) \
    -name "$node" -nodefaults -display none -no-user-config \
    -L "$emulator_folder/usr/share/qemu" -L "$emulator_folder/usr/share/seabios" -L "$emulator_folder/usr/lib/ipxe/qemu" \
    -accel tcg,thread=multi,tb-size=512 -cpu "$processor" -M q35,kernel-irqchip=split -smp 2 -m "$memory" \
    -uuid "$(uuid_of "$node")" \
    -device intel-iommu,intremap=on,eim=on,caching-mode=on \
    -smbios "type=1,serial=$node" \
    -drive file=disk.qcow2,if=virtio,cache=unsafe -drive file=store.qcow2,if=virtio,cache=unsafe \
    -drive "file=$node_folder/grub.raw,if=none,id=grub,format=raw,readonly=on" -device virtio-blk-pci,drive=grub,bootindex=0,addr=1d.0 \
    -netdev "user,id=management,net=10.0.$subnet.0/24,host=10.0.$subnet.2,dhcpstart=10.0.$subnet.15,hostfwd=tcp:127.0.0.1:$ssh_port-$address:22,hostfwd=tcp:$address:10250-$address:10250" \
    -device virtio-net-pci,netdev=management,mac=52:54:00:4c:4e:01,romfile= \
    -virtfs "local,path=$folder/share,mount_tag=lab,security_model=none,multidevs=remap" \
    -device virtio-rng-pci \
    -serial file:console.log -qmp unix:qmp.sock,server=on,wait=off \
    $("${cards}_cards" "$number") $(links "$number")
  cd "$OLDPWD"
}

uuid_of() {
  local sum
  sum=$(echo "$state $1" | md5sum)
  echo "${sum:0:8}-${sum:8:4}-4${sum:13:3}-8${sum:17:3}-${sum:20:12}"
}

# Waits until node $1 is Ready and gives it its role; ends with the reason and the console's last lines if it fails.
await_node() {
  local node=$1 from=$SECONDS console=$state/nodes/$1/console.log crashes=0
  until kubectl wait --for=condition=Ready "node/$node" --timeout=2s >/dev/null 2>&1; do
    if ! running "$node" >/dev/null && ((crashes++ < 2)) && emulator_crashed "$node"; then
      say "the emulator of $node failed an assertion of its own; $node starts again"
      rm -f "$state/nodes/$node"/*.qcow2
      start_node "$node"
      from=$SECONDS
    elif ! running "$node" >/dev/null; then
      give_up_on "$node" "its QEMU process has ended: $(tail -n 3 "$state/logs/$node.log" 2>/dev/null)"
    elif grep -q '^LAB-FAILED' "$console" 2>/dev/null; then
      give_up_on "$node" "$(grep -m1 '^LAB-FAILED' "$console" | cut -d' ' -f2 | tr -d '\r') failed in it"
    elif grep -q 'Kernel panic' "$console" 2>/dev/null; then
      give_up_on "$node" "its kernel panicked"
    elif ((SECONDS - from > node_limit)); then
      give_up_on "$node" "not Ready after $node_limit s: $(kubectl get node "$node" -o \
        'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.reason}: {.message}{end}' 2>&1)"
    fi
    sleep 0.3
  done
  kubectl label --overwrite "node/$node" node-role.kubernetes.io/worker= >/dev/null
}

# QEMU's TCG with several processors rarely trips over memory regions that change while firmware and kernel map the
# cards (iotlb_to_section): nothing of the node has happened then.
emulator_crashed() { tail -n 3 "$state/logs/$1.log" 2>/dev/null | grep -q 'Assertion .* failed'; }

give_up_on() {
  local node=$1 reason=$2 console=$state/nodes/$1/console.log
  {
    echo
    echo "last lines of $console:"
    tail -n 30 "$console" 2>/dev/null | tr -d '\r' || true
  } >&2
  die "node $node did not come up: $reason (the lab still runs: look with lab/lab ssh $node, end it with lab/lab down)"
}

ssh_options() {
  local node=$1
  echo -p "$(cat "$state/nodes/$node/ssh-port")" -i "$state/keys/ssh" -l root \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes \
    -o ConnectTimeout=20 -o ServerAliveInterval=5 -o ServerAliveCountMax=4 -o ControlMaster=auto -o ControlPath="$state/nodes/$node/ssh.sock" -o ControlPersist=300
}
