#!/bin/sh
# Checks every shell script of the checkout: syntax always, shellcheck where it is installed.
set -u
cd "$(dirname -- "$0")/.." || exit 1
scripts="atoll dev .ci/run $(find tools packaging -name '*.sh' 2>/dev/null) $(find packaging -type f -path '*/debian/*' ! -name '*.*' ! -name conffiles ! -name control 2>/dev/null)"
status=0
for script in $scripts; do
  sh -n "$script" || status=1
done
if command -v shellcheck >/dev/null 2>&1; then
  # SC1090, SC1091: sourced files are checked on their own. SC2034: and set what the sourcing script reads; the rest is taste.
  # shellcheck disable=SC2086 # a list of files
  shellcheck -s sh -e SC1090,SC1091,SC2012,SC2015,SC2034,SC2129,SC2154,SC2317 $scripts || status=1
fi
exit "$status"
