# Sourced: shows which step runs and how long it took.
#   step "text" command…   runs the command; its output goes to target/logs and, if it fails, its end to the terminal.
#   show "text" command…   the same, with the output on the terminal while it runs.
#   watch_for PATTERN "text" command…   as step; of the output, lines with PATTERN are shown while it runs.

steps_begin=$SECONDS
steps_logs=${steps_logs:-$PWD/target/logs}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

say() { printf '[%6s] %s\n' "$(clock $((SECONDS - steps_begin)))" "$*"; }

step() { watch_for '' "$@"; }

watch_for() {
  local pattern=$1 text=$2 begin=$SECONDS status=0 log
  shift 2
  mkdir -p "$steps_logs"
  log=$steps_logs/$(printf '%s' "$text" | tr -cs 'A-Za-z0-9' '-').log
  say "$text …"
  if [[ -z $pattern ]]; then
    "$@" >"$log" 2>&1 || status=$?
  else
    # That no line has the pattern is no failure.
    "$@" 2>&1 | tee "$log" | { grep --line-buffered -E -- "$pattern" || true; } | sed -u 's/^/    /' || status=${PIPESTATUS[0]}
  fi
  if ((status)); then
    say "$text FAILED (status $status) after $(clock $((SECONDS - begin))); the last lines of $log:"
    tail -n 40 "$log" | sed 's/^/    /'
    return "$status"
  fi
  say "$text done in $(clock $((SECONDS - begin)))"
}

show() {
  local text=$1 begin=$SECONDS status=0
  shift
  say "$text …"
  "$@" || status=$?
  if ((status)); then
    say "$text FAILED (status $status) after $(clock $((SECONDS - begin)))"
    return "$status"
  fi
  say "$text done in $(clock $((SECONDS - begin)))"
}

# Runs functions at the same time, e.g. one that waits for downloads beside one that computes; fails when one fails. What
# they have started ends with this script.
#   together NAME…
together() {
  local each status=0 pids=()
  trap 'for each in "${pids[@]}"; do kill -- "-$each" 2>/dev/null || true; done; exit 130' HUP INT TERM
  # Each gets a process group, which can be ended as a whole.
  set -m
  for each; do
    "$each" </dev/null &
    pids+=($!)
  done
  set +m
  for each in "${pids[@]}"; do wait "$each" || status=$?; done
  trap - HUP INT TERM
  return "$status"
}
