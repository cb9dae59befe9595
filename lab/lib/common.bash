# Shared by the scripts of the lab; to be sourced after `set -euo pipefail`.
# shellcheck shell=bash

lab_home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lab_cache=${SRIOV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sriov-network-operator}/lab
lab_started=$EPOCHREALTIME

# Prints the seconds since EPOCHREALTIME value $1, with one decimal.
elapsed_since() {
  local from=${1/[.,]/} now=${EPOCHREALTIME/[.,]/}
  local tenths=$(((now - from) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# Progress goes to stderr: stdout belongs to answers a program may read.
say() { printf '%7ss  %s\n' "$(elapsed_since "$lab_started")" "$*" >&2; }

die() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a log file; on failure shows the log's end.
# usage: logged LOG WHAT COMMAND…
logged() {
  local log=$1 what=$2 from=$EPOCHREALTIME
  shift 2
  say "$what …"
  # In a subshell of its own so that errexit holds inside functions, too.
  local status=0
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if ((status != 0)); then
    tail -n 30 "$log" >&2 || true
    die "$what failed with status $status (log: $log)"
  fi
  say "$what: $(elapsed_since "$from") s"
}

# A key made of the contents of the given files and of the words after `--`.
content_key() {
  local -a files=()
  while (($#)) && [[ $1 != -- ]]; do
    files+=("$1")
    shift
  done
  shift || true
  {
    ((${#files[@]})) && cat -- "${files[@]}"
    printf '%s\n' "$@"
  } | sha256sum | cut -c1-12
}

# Ensures the folder $lab_cache/NAME-KEY and sets `cached_dir` to it. When it is missing, calls
# `BUILDER TMPDIR` and renames the result into place, so that a folder that exists is complete.
# Two callers do not build the same thing twice: the second waits for the first.
# usage: cached NAME KEY BUILDER
cached() {
  local name=$1 key=$2 builder=$3 tmp lock
  cached_dir=$lab_cache/$name-$key
  if [[ -d $cached_dir ]]; then
    touch "$cached_dir"
    return
  fi
  mkdir -p "$lab_cache"
  exec {lock}>"$lab_cache/.$name.lock"
  if ! flock -n "$lock"; then
    say "waiting for another build of $name …"
    flock "$lock"
  fi
  if [[ ! -d $cached_dir ]]; then
    rm -rf "$lab_cache/.$name".tmp.*
    tmp=$(mktemp -d "$lab_cache/.$name.tmp.XXXXXX")
    chmod 755 "$tmp"
    # The log lives outside the temporary folder: it must survive a failure.
    logged "$lab_cache/$name.log" "build $name" "$builder" "$tmp"
    # Packages bring the times of their files along, also for the folder itself.
    touch "$tmp"
    mv "$tmp" "$cached_dir"
    drop_unused
  fi
  exec {lock}>&-
}

# Removes folders NAME-KEY that nobody has asked for in three days, so that the cache does not grow with every change.
drop_unused() {
  find "$lab_cache" -maxdepth 1 -type d -regex '.*/[a-z][a-z-]*-[0-9a-f]+' -mmin +4320 -exec rm -rf {} +
}
