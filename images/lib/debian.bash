# Files of Debian packages for a layer; to be sourced after lab/lib/common.bash.
# shellcheck shell=bash

# Prints "name version sha256" of the newest version apt knows of each package in list file $1.
debian_versions() {
  local -a names
  mapfile -t names < <(awk '!/^#/ && NF { print $1 }' "$1")
  # Without package lists (a fresh machine) or with a package missing there, ask once more.
  apt-cache show --no-all-versions "${names[@]}" >/dev/null 2>&1 || apt-get -q update >&2
  apt-cache show --no-all-versions "${names[@]}" |
    awk '$1 == "Package:" { name = $2 } $1 == "Version:" { version = $2 } $1 == "SHA256:" { print name, version, $2 }'
}

# Downloads a package into the cache, once; sets deb_file. usage: fetch_deb NAME VERSION SHA256
fetch_deb() {
  local name=$1 version=$2 sha256=$3
  deb_file=$deb_cache/$name-$sha256.deb
  [[ -f $deb_file ]] && return
  mkdir -p "$deb_cache"
  local work
  work=$(mktemp -d "$deb_cache/.fetch.XXXXXX")
  (cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$name=$version")
  echo "$sha256  $(echo "$work"/*.deb)" | sha256sum --check --quiet
  mv "$work"/*.deb "$deb_file"
  rm -rf "$work"
}

# Unpacks the packages of list file $1, at the versions in file $2, into folder $3 laid out with merged /usr.
unpack_debian() {
  local list=$1 versions=$2 tree=$3 name version sha256 folder
  local -a only
  for folder in bin sbin lib lib64; do
    mkdir -p "$tree/usr/$folder"
    ln -sfn "usr/$folder" "$tree/$folder"
  done
  while read -r name version sha256; do
    fetch_deb "$name" "$version" "$sha256"
    read -r -a only < <(awk -v name="$name" '$1 == name { $1 = ""; print; exit }' "$list") || true
    # The licence stays; a package that lacks one of the wanted paths makes tar fail.
    ((${#only[@]} == 0)) || only+=("./usr/share/doc/$name/copyright")
    dpkg-deb --fsys-tarfile "$deb_file" |
      tar -C "$tree" -x --keep-directory-symlink --no-same-owner \
        --exclude='./usr/share/man' --exclude='./usr/share/info' --exclude='./usr/share/locale' --exclude='./usr/share/lintian' \
        --exclude='./usr/share/menu' --exclude='./usr/share/debianutils' --exclude='./usr/lib/x86_64-linux-gnu/gconv' \
        --exclude='*changelog*' --exclude='*/NEWS*' --exclude='*/README*' --exclude='*/TODO*' --exclude='*/THANKS*' \
        "${only[@]}"
    # Where vulnerability scanners look in images without dpkg.
    mkdir -p "$tree/var/lib/dpkg/status.d"
    dpkg-deb -f "$deb_file" >"$tree/var/lib/dpkg/status.d/$name"
  done <"$versions"
  find "$tree" -type d -empty -path "$tree/usr/*" -delete
  find "$tree" -perm /6000 -exec chmod u-s,g-s {} +
}
