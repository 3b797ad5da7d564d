#!/bin/sh
# startup-cache.sh LAUNCHER LIB LOG: makes LIB/daemon.aot and LIB/cli.aot, the JVM's startup caches, by
# two training runs: a daemon on loopback with a data folder of its own, and a command that talks to it.
# A cache that cannot be made costs speed and nothing else: the status is 0 whatever happens.
set -u
launcher=$1 lib=$2 log=$3
rm -f "$lib/daemon.aot" "$lib/cli.aot"
work=$(mktemp -d "${TMPDIR:-/tmp}/atoll-train.XXXXXX") || exit 0
daemon=
trap 'rm -rf "$work"' EXIT
trap 'exit 0' INT TERM HUP
: >"$log" || exit 0
export ATOLL_NO_BUILD=1 ATOLL_JAVA_OPTS=''
unset ATOLL_HUB ATOLL_KEY
data="$work/data"

# wait_for SECONDS TEST...: until TEST holds; status 1 when it did not in time.
wait_for() {
  tries=$(($1 * 5))
  shift
  while ! "$@" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.2
  done
}
gone() { ! kill -0 "$1"; }
ready() { grep -q '^{' "$work/up.json"; }
settled() { ready || gone "$daemon"; }

# The daemon's line of JSON on stdout says that it is ready.
ATOLL_TRAIN="$work/daemon.aot" "$launcher" up --data-dir "$data" --api 127.0.0.1:0 \
  --listen /ip4/127.0.0.1/tcp/0 -o json >"$work/up.json" 2>>"$log" </dev/null &
daemon=$!
if wait_for 60 settled && ready; then
  "$launcher" run --data-dir "$data" --detach -- /bin/true >>"$log" 2>&1 </dev/null
  "$launcher" task list --data-dir "$data" -o json >>"$log" 2>&1 </dev/null
fi
ATOLL_TRAIN="$work/cli.aot" "$launcher" ps --data-dir "$data" >>"$log" 2>&1 </dev/null ||
  ATOLL_TRAIN="$work/cli.aot" "$launcher" version >>"$log" 2>&1 </dev/null ||
  rm -f "$work/cli.aot"
# The cache is written as the process ends; two minutes are for machines that are very slow.
kill "$daemon" 2>/dev/null
wait_for 120 gone "$daemon" || kill -9 "$daemon" 2>/dev/null
wait "$daemon" 2>/dev/null
ready || rm -f "$work/daemon.aot"

for cache in daemon cli; do
  if [ -s "$work/$cache.aot" ]; then
    cp "$work/$cache.aot" "$lib/.$cache.aot" && mv "$lib/.$cache.aot" "$lib/$cache.aot"
  else
    echo "no $cache.aot was made" >>"$log"
  fi
done
exit 0
