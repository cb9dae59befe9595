# Layers and images in OCI format, without an engine; to be sourced after lab/lib/common.bash.
# shellcheck shell=bash

# The time of everything in an image, the project's own output timestamp: 2026-01-01T00:00:00Z.
image_epoch=1767225600
image_created=2026-01-01T00:00:00Z

digest_of() { sha256sum "$1" | cut -d' ' -f1; }

# Packs folder $1 as a layer: $2/layer.tar.zst, its digest in $2/digest and, as runtimes want to know it too, the
# digest of the tar in $2/diff-id. Removes the folder. The same files give the same bytes.
pack_layer() {
  local tree=$1 into=$2
  tar -C "$tree" --sort=name --format=gnu --mtime=@$image_epoch --owner=0 --group=0 --numeric-owner -cf "$into/layer.tar" .
  digest_of "$into/layer.tar" >"$into/diff-id"
  zstd -q --rm -T1 -"${3:-9}" "$into/layer.tar" -o "$into/layer.tar.zst"
  digest_of "$into/layer.tar.zst" >"$into/digest"
  rm -rf "$tree"
}

# Writes the image NAME of the given layer folders to the archive FILE, unless FILE holds exactly that already.
# usage: write_image FILE NAME LAYER…
write_image() {
  local file=$1 name=$2 work layer size digest diff_ids='' history='' layers=''
  shift 2
  work=$(mktemp -d "$file.XXXXXX")
  mkdir -p "$work/blobs/sha256"
  for layer; do
    digest=$(<"$layer/digest")
    size=$(stat -c %s "$layer/layer.tar.zst")
    ln -s "$layer/layer.tar.zst" "$work/blobs/sha256/$digest"
    diff_ids+=",\"sha256:$(<"$layer/diff-id")\""
    history+=",{\"created\":\"$image_created\",\"created_by\":\"$(basename "${layer%-*}")\"}"
    layers+=",{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+zstd\",\"digest\":\"sha256:$digest\",\"size\":$size}"
  done
  add_blob "{\"created\":\"$image_created\",\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"0:0\",\"WorkingDir\":\"/\",\"Env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[${diff_ids#,}]},\"history\":[${history#,}]}"
  local config="{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:$blob_digest\",\"size\":$blob_size}"
  add_blob "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":$config,\"layers\":[${layers#,}]}"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"},"platform":{"architecture":"amd64","os":"linux"}}]}' \
    "$blob_digest" "$blob_size" "$name" "${name##*:}" >"$work/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$work/oci-layout"
  if [[ ! -f $file || $(cat "$file.digest" 2>/dev/null) != "$blob_digest" ]]; then
    tar -C "$work" --dereference --sort=name --format=gnu --mtime=@$image_epoch --owner=0 --group=0 --numeric-owner -cf "$file.new" .
    mv "$file.new" "$file"
    echo "$blob_digest" >"$file.digest"
  fi
  rm -rf "$work"
}

# Adds text $1 as a blob; sets blob_digest and blob_size. Uses `work` of write_image.
add_blob() {
  printf '%s' "$1" >"$work/blob"
  blob_digest=$(digest_of "$work/blob")
  blob_size=$(stat -c %s "$work/blob")
  mv "$work/blob" "$work/blobs/sha256/$blob_digest"
}
