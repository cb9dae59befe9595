# Processes of the lab, recorded so that a later `lab/lab down` finds exactly them; to be sourced after common.bash.
# shellcheck shell=bash

# Prints when process $1 started, in clock ticks since boot (field 22 of proc(5) stat; the name in field 2 may hold
# spaces and parentheses).
start_time() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  stat=${stat##*) }
  # A zombie is no longer running.
  [[ ${stat%% *} != Z ]] || return 1
  set -- $stat
  echo "${20}"
}

# Starts a program in a session of its own, with its output appended to $state/logs/NAME.log.
# usage: spawn NAME COMMAND…
spawn() {
  local name=$1 pid
  shift
  mkdir -p "$state/processes" "$state/logs"
  # The lock of this script must not be inherited: it would be held as long as the lab runs.
  setsid "$@" </dev/null >>"$state/logs/$name.log" 2>&1 {lock_fd}>&- &
  pid=$!
  # $2 is kept to recognise the process even if its number and start time were reused after a reboot.
  echo "$pid $(start_time "$pid" || echo 0) $state" >"$state/processes/$name"
}

# Prints the pid of the recorded process $1 if that very process is running.
running() {
  local pid started mark
  [[ -f $state/processes/$1 ]] || return 1
  read -r pid started mark <"$state/processes/$1"
  [[ $(start_time "$pid") == "$started" ]] || return 1
  # Every program of the lab has the state folder in its arguments.
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$mark" || return 1
  echo "$pid"
}

# Ends the recorded process $1: SIGTERM, and SIGKILL after $2 seconds (0: at once).
end_process() {
  local name=$1 patience=$2 pid deadline
  if pid=$(running "$name"); then
    if ((patience)); then
      kill -TERM "$pid" 2>/dev/null || true
      deadline=$((SECONDS + patience))
      while ((SECONDS < deadline)) && running "$name" >/dev/null; do sleep 0.05; done
    fi
    if running "$name" >/dev/null; then
      kill -KILL "$pid" 2>/dev/null || true
      while running "$name" >/dev/null; do sleep 0.05; done
    fi
  fi
  rm -f "$state/processes/$name"
}

# Ends early with the log's last lines if the recorded process $1 is not running any more.
must_run() {
  running "$1" >/dev/null && return
  tail -n 20 "$state/logs/$1.log" >&2 || true
  die "$1 has ended (log: $state/logs/$1.log)"
}

# Prints a TCP port of loopback, from $1 upwards, that nobody listens on.
free_port() {
  local port=$1
  while [[ -n $(ss -Hltn "sport = :$port") ]]; do port=$((port + 1)); done
  echo "$port"
}
