# The nodes' image store (/var/lib/containerd), filled on this machine; to be sourced after common.bash.
# shellcheck shell=bash

# A store of its own disk, so that a changed project image does not rebuild the node; filled here, because unpacking
# in the emulated machine takes ten times longer. Sets cached_dir to a folder with store.raw.
# usage: build_store_of NODE_FOLDER IMAGE.tar…
build_store_of() {
  store_node=$1
  shift
  store_images=("$@")
  cached store "$(content_key -- "$store_node" "$(declare -f build_store import_all)" \
    "$(sha256sum "${store_images[@]}" | cut -d' ' -f1)")" build_store
}

build_store() {
  local into=$1
  # In a mount namespace of its own: what containerd mounts to unpack layers goes away with it.
  unshare --mount --propagation private -- \
    bash -c "set -euo pipefail; $(declare -f import_all); import_all \"\$@\"" import \
    "$store_node/containerd" "$into/root" "${store_images[@]}"
  truncate -s 8G "$into/store.raw"
  mke2fs -q -t ext4 -L lab-store -m 0 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -d "$into/root" "$into/store.raw"
  rm -rf "$into/root"
}

# Imports images with a containerd whose root is the folder $2.
import_all() {
  local programs=$1 root=$2 run image pid
  shift 2
  run=$(mktemp -d)
  mkdir -p "$root"
  cat >"$run/config.toml" <<TOML
version = 2
root = "$root"
state = "$run/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.restart",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "$run/sock"
TOML
  through_loader() { "$programs/lib/ld-linux-x86-64.so.2" --library-path "$programs/lib" "$programs/$@"; }
  setpriv --pdeathsig KILL -- "$programs/lib/ld-linux-x86-64.so.2" --library-path "$programs/lib" \
    "$programs/containerd" --config "$run/config.toml" &
  pid=$!
  for _ in {1..200}; do
    through_loader ctr --address "$run/sock" version >/dev/null 2>&1 && break
    kill -0 "$pid" || { echo "containerd ended while starting"; return 1; }
    sleep 0.1
  done
  for image; do
    through_loader ctr --address "$run/sock" --namespace k8s.io images import --snapshotter overlayfs "$image"
  done
  through_loader ctr --address "$run/sock" --namespace k8s.io images list
  kill "$pid"
  wait "$pid" || true
  rm -rf "$run"
}
