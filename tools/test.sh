#!/bin/sh
# test.sh [--fast] [--without PART,...] [MAVEN-ARGUMENT...]: installs what the tests need, runs every test
# of every module in one Maven run, and judges the result by the reports, not by Maven's word:
# no test may be lost, and none skipped that e2e/allowed-skips.txt does not name.
#
#   --fast       leaves out tests tagged "real" (containers, sandboxes, other programs, long runs)
#   --without    parts that this machine cannot offer (docker, bubblewrap, qemu, wireguard-go, js-libp2p):
#                test files that tools/parts names for them are left out, and other tests that skip for want
#                of them are named and counted, but do not fail the run
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/jdk.sh"
. "$root/tools/packages.sh"
. "$root/tools/maven.sh"
cd "$root" || exit 1
[ -n "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ] || export LC_CTYPE=C.UTF-8

fast='' without=''
while [ $# -gt 0 ]; do
  case $1 in
    --fast) fast=1 ;;
    --yes | -y) export ATOLL_YES=1 ;;
    --without)
      without=${2:-}
      [ $# -lt 2 ] || shift
      ;;
    --without=*) without=${1#*=} ;;
    -h | --help)
      sed -n '2,11s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    --)
      shift
      break
      ;;
    --*)
      echo "dev test: unknown option $1 (--fast, --without PART,...)" >&2
      exit 2
      ;;
    *) break ;;
  esac
  shift
done

lacks() { case ",$without," in *",$1,"*) return 0 ;; *) return 1 ;; esac; }

find_jdk 25 javac || {
  explain_no_jdk 25 javac
  exit 1
}
echo "Testing with $jdk${fast:+, without tests tagged \"real\"}" >&2
need_tools 'the build' mvn || exit 1
if [ "$(uname -s)" = Linux ]; then
  need_tools 'the supervisor' make gcc musl-gcc || exit 1
  if [ -z "$fast" ]; then
    real='zsh fish mksquashfs openssl python3 unshare nsenter curl ip ping nft miniupnpd'
    lacks bubblewrap || real="$real bwrap"
    lacks docker || real="$real dockerd docker-registry busybox-static"
    lacks qemu ||
      real="$real qemu-system-x86_64 qemu-img busybox-static lz4 cpio dpkg-deb isoinfo mmdebstrap mke2fs ssh ssh-keygen"
    lacks js-libp2p || real="$real node npm"
    lacks wireguard-go || real="$real wireguard-go wg"
    # shellcheck disable=SC2086 # a list of words
    need_tools 'the tests with real parts' $real ||
      echo "  going on; the tests that need them will say so, by name" >&2
  fi
fi

seconds
began=$now
# The program first, as a user would build it: the whole-system tests start ./atoll, and must not build again.
"$root/tools/build.sh" || exit 1
export ATOLL_NO_BUILD=1

verdict=0
run_maven "$build/format.log" spotless:check 2>/dev/null || {
  echo "FAILED: the format (./dev fmt puts it right)" >&2
  explain_maven "$build/format.log"
  verdict=1
}
rm -rf ./*/target/surefire-reports
echo "Running the tests" >&2
# Failures are collected, not fatal, so that one bad module hides no other; the reports decide below.
# A test that hangs is stopped after five minutes, a module after forty.
# Surefire leaves out nested classes by default; that stays, and what was asked for comes on top.
left_out=
if [ -n "$without" ]; then
  left_out=$build/left-out
  echo '**/*$*' >"$left_out"
  while read -r part pattern; do
    case $part in '#'* | '') continue ;; esac
    if lacks "$part"; then
      echo "  left out, as asked: $part ($pattern)" >&2
      echo "$pattern" >>"$left_out"
    fi
  done <"$root/tools/parts"
fi
commit=$(git rev-parse HEAD 2>/dev/null) || commit=unknown
run_maven "$build/test.log" verify "-Datoll.commit=$commit" ${left_out:+"-Dsurefire.excludesFile=$left_out"} \
  -Dmaven.test.failure.ignore=true -Dsurefire.timeout=2400 ${CI:+-Dsurefire.rerunFailingTestsCount=1} \
  -Djunit.jupiter.execution.timeout.testable.method.default=300s \
  -Djunit.jupiter.execution.timeout.threaddump.enabled=true \
  ${fast:+-Datoll.test.exclude=real} "$@"
maven=$?
if [ "$maven" -ne 0 ]; then
  echo "FAILED: the Maven run" >&2
  explain_maven "$build/test.log"
  verdict=1
fi
# A test JVM that crashed or was stopped loses tests without a failed one in the reports.
if grep -E 'forked VM terminated|Crashed tests|There was a timeout( or other error)? in the fork' "$build/test.log" | head -n 5 | grep . >&2; then
  echo "FAILED: a test JVM crashed or timed out" >&2
  verdict=1
fi
ATOLL_FAST=$fast$without "$root/tools/report.sh" "$without" "$root" || verdict=1
echo "  $(elapsed "$began") s; the whole log: $build/test.log" >&2
exit "$verdict"
