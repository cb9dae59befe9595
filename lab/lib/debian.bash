# Debian packages from the machine's own apt sources; to be sourced after common.bash.
# shellcheck shell=bash

# Prints "deb [signed-by=…] URI SUITE main" for $1 (a suite such as bookworm-backports), at the
# server this machine itself gets Debian from: the first enabled entry for its own release in either
# format of sources.list(5).
debian_source() {
  local suite=$1 etc=${2:-/etc/apt} release found
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  found=$(
    {
      find "$etc/sources.list.d" -maxdepth 1 -name '*.sources' 2>/dev/null | sort | while read -r file; do
        deb822_entries "$file"
      done
      find "$etc/sources.list" "$etc/sources.list.d" -maxdepth 1 -name '*.list' -type f 2>/dev/null | sort |
        while read -r file; do
          one_line_entries "$file"
        done
    } | awk -v release="$release" '$3 == release { print; exit }'
  )
  [[ -n $found ]] || die "no apt source for Debian $release with component main in $etc: add one (see sources.list(5))"
  local key uri
  read -r key uri _ <<<"$found"
  if [[ $key == - ]]; then
    echo "deb $uri $suite main"
  else
    echo "deb [signed-by=$key] $uri $suite main"
  fi
}

# Both print "KEYRING|- URI SUITE" a line for every enabled binary source with component main.
deb822_entries() {
  awk '
    function flush(   i, n, m, j, uris, suites) {
      if (types ~ /(^| )deb( |$)/ && enabled !~ /^(no|false|0)$/ && components ~ /(^| )main( |$)/) {
        n = split(urisline, uris, " "); m = split(suitesline, suites, " ")
        for (i = 1; i <= n; i++) for (j = 1; j <= m; j++)
          # A key written into the file itself has no path; apt then finds it among its trusted keys or not.
          print (key ~ /^\// ? key : "-"), uris[i], suites[j]
      }
      types = urisline = suitesline = components = enabled = key = field = ""
    }
    /^#/ { next }
    /^[[:space:]]*$/ { flush(); next }
    /^[[:space:]]/ { value = $0 }
    /^[^[:space:]]/ { field = tolower($0); sub(/:.*/, "", field); value = $0; sub(/^[^:]*:/, "", value) }
    {
      gsub(/^[[:space:]]+|[[:space:]]+$/, "", value)
      if (field == "types") types = types " " value
      if (field == "uris") urisline = urisline " " value
      if (field == "suites") suitesline = suitesline " " value
      if (field == "components") components = components " " value
      if (field == "enabled") enabled = tolower(value)
      if (field == "signed-by" && key == "") key = value
    }
    END { flush() }
  ' "$1"
}

one_line_entries() {
  awk '
    $1 != "deb" { next }
    {
      line = $0; sub(/#.*/, "", line); key = "-"
      if (match(line, /\[[^]]*\]/)) {
        options = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
        n = split(options, option, " ")
        for (i = 1; i <= n; i++) if (option[i] ~ /^signed-by=\//) key = substr(option[i], 11)
      }
      n = split(line, word, " ")
      for (i = 4; i <= n; i++) if (word[i] == "main") print key, word[2], word[3]
    }
  ' "$1"
}

# Unpacks packages (with what they depend on) from suite $2 into folder $1, configuring nothing.
# usage: unpack_debian FOLDER SUITE PACKAGE…
unpack_debian() {
  local into=$1 suite=$2 packages
  local base=${suite%-backports}
  shift 2
  packages=$(IFS=,; echo "$*")
  local -a sources=("$(debian_source "$base")")
  [[ $suite == "$base" ]] || sources+=("$(debian_source "$suite")")
  mmdebstrap --quiet --variant=extract --aptopt="APT::Default-Release \"$suite\"" \
    --include="$packages" "$base" "$into" "${sources[@]}"
}
