#!/bin/sh
# time-cli.sh [--launcher FILE] [--runs N] [-- COMMAND ARG...]...: wall time of CLI commands as a user feels
# it, from the launcher's start to its exit: median, least and most of N runs (20) after two warm-up runs.
# Without a command: "version", and "ps" where ATOLL_DATA_DIR or ATOLL_HUB names a daemon.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
launcher=$root/atoll runs=20
while [ $# -gt 0 ]; do
  case $1 in
    --launcher) launcher=$2 && shift 2 ;;
    --runs) runs=$2 && shift 2 ;;
    --) shift && break ;;
    *)
      echo "usage: time-cli.sh [--launcher FILE] [--runs N] [-- COMMAND ARG...]" >&2
      exit 2
      ;;
  esac
done

# Microseconds. What date itself takes to start is in every figure, about a millisecond.
now_us() { date +%s%N | cut -c 1-16; }

measure() {
  for warm in 1 2; do
    "$launcher" "$@" >/dev/null 2>&1 || {
      echo "time-cli: '$*' fails: $("$launcher" "$@" 2>&1 | tail -n 1)" >&2
      return 1
    }
  done
  run=0
  while [ "$run" -lt "$runs" ]; do
    before=$(now_us)
    "$launcher" "$@" >/dev/null 2>&1
    after=$(now_us)
    echo $(((after - before) / 100))
    run=$((run + 1))
  done | sort -n | awk -v what="$*" '{ t[NR] = $1 / 10 }
    END { m = NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2
          printf "atoll %s: median %.0f ms, least %.0f, most %.0f, n=%d\n", what, m, t[1], t[NR], NR }'
}

if [ $# -gt 0 ]; then
  measure "$@"
  exit
fi
measure version || exit 1
if [ -n "${ATOLL_DATA_DIR:-}${ATOLL_HUB:-}" ]; then measure ps; fi
