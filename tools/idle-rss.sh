#!/bin/sh
# idle-rss.sh [--wait SECONDS] DATADIR...: memory of the daemons of these data folders, at rest.
#
# Waits (60 s by default; nobody may ask the daemon anything meanwhile), then sums VmRSS of every process
# that holds a file under the folder open or names the folder in its arguments: the JVM and the
# supervisors. Linux; reads /proc only; as root, or as the user of the daemon.
set -u
wait=60
if [ "${1:-}" = --wait ]; then
  wait=$2
  shift 2
fi
[ $# -gt 0 ] || {
  echo "usage: idle-rss.sh [--wait SECONDS] DATADIR..." >&2
  exit 2
}
sleep "$wait"
status=0
for given in "$@"; do
  folder=$(CDPATH='' cd -- "$given" 2>/dev/null && pwd -P) || {
    echo "idle-rss: no folder $given" >&2
    exit 2
  }
  total=0 count=0
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$pid" != $$ ] && [ "$pid" != "$PPID" ] || continue
    rss=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "$process/status" 2>/dev/null)
    [ -n "$rss" ] || continue
    # shellcheck disable=SC2010 # only the link's end counts
    if tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qF -- "$folder" ||
      ls -l "$process/fd" 2>/dev/null | grep -qF -- " -> $folder/"; then
      printf '  %8s kB  %-7s %s\n' "$rss" "$pid" "$(tr '\0' ' ' <"$process/cmdline" | sed 's/^\([^ ]*\) .*[ :]\(io\.atoll[^ ]*\)/\1 … \2/' | cut -c 1-100)"
      total=$((total + rss)) count=$((count + 1))
    fi
  done
  if [ "$count" = 0 ]; then
    echo "$folder: no process" >&2
    status=1
  else
    echo "$folder: $((total / 1024)) MB in $count processes (VmRSS, $wait s at rest)"
  fi
done
exit "$status"
