#!/bin/sh
# test-package.sh [FOLDER]: unpacks what ./dev package made (dist/) and tries it as a stranger would: from
# a read-only folder with a blank in its name, through a link, with an empty environment, with an old
# JAVA_HOME. Prints sizes; status 1 at the first thing that is wrong.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
dist=${1:-$root/dist}
. "$root/tools/jdk.sh"
case $(uname -m) in aarch64 | arm64) native=arm64 elf=b700 ;; *) native=amd64 elf=3e00 ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/atoll-package.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
pass() { echo "  ok  $*"; }

# machine FILE: the machine number in an ELF header, little endian: 3e00 x86-64, b700 ARM64.
machine() { od -An -tx1 -j18 -N2 "$1" | tr -d ' \n'; }

# try_version WHAT COMMAND...: it must answer on stdout alone, and with the version of the package.
try_version() {
  what=$1
  shift
  out=$("$@" version 2>"$work/stderr") || fail "$what: status $?: $(cat "$work/stderr")"
  [ ! -s "$work/stderr" ] || fail "$what: said on stderr: $(cat "$work/stderr")"
  case $out in *"$version"*) pass "$what: $out" ;; *) fail "$what: the answer is not of version $version: $out" ;; esac
}

# try_daemon TREE: the packaged runtime has all that a daemon touches: it starts, answers, and ends when told.
try_daemon() {
  data=$work/data
  env -i PATH=/usr/bin:/bin "$1/bin/atoll" up --data-dir "$data" --api 127.0.0.1:0 --listen /ip4/127.0.0.1/tcp/0 \
    -o json >"$work/up.json" 2>"$work/up.log" &
  daemon=$!
  tries=150
  until grep -q '^{' "$work/up.json"; do
    tries=$((tries - 1))
    { [ "$tries" -gt 0 ] && kill -0 "$daemon" 2>/dev/null; } || fail "the daemon does not start: $(tail -n 5 "$work/up.log")"
    sleep 0.2
  done
  "$1/bin/atoll" ps --data-dir "$data" >"$work/ps" 2>&1 || fail "ps: $(cat "$work/ps")"
  pass "a daemon starts and answers ps; $(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/$daemon/status") at its start"
  kill "$daemon"
  wait "$daemon" || :
}

# try_microvm TREE: a container image runs as a microVM by the QEMU that is packaged, whatever is installed.
try_microvm() {
  command -v busybox >/dev/null 2>&1 || fail 'no busybox-static here to make an image of'
  data=$work/microvm-data
  mkdir -p "$work/image/bin"
  cp "$(command -v busybox)" "$work/image/bin/busybox"
  ln -s busybox "$work/image/bin/sh"
  tar -C "$work/image" --owner=0 --group=0 -cf "$work/image.tar" bin
  "$1/bin/atoll" image import "$work/image.tar" --name packaged --data-dir "$data" >"$work/import" 2>&1 ||
    fail "image import: $(cat "$work/import")"
  env -i PATH=/usr/bin:/bin "$1/bin/atoll" up --microvm --data-dir "$data" --api 127.0.0.1:0 \
    --listen /ip4/127.0.0.1/tcp/0 --busy-cpu 100 --busy-memory 100 --busy-disk 100 -o json >"$work/up.json" 2>"$work/up.log" &
  daemon=$!
  tries=600
  until out=$("$1/bin/atoll" run --driver microvm --image packaged --data-dir "$data" -- /bin/sh -c 'echo "in a guest"; exit 9' 2>"$work/run"); [ $? = 9 ]; do
    tries=$((tries - 10))
    { [ "$tries" -gt 0 ] && kill -0 "$daemon" 2>/dev/null; } || fail "no microVM ran: $(cat "$work/run"; tail -n 5 "$work/up.log")"
    sleep 1
  done
  [ "$out" = "in a guest" ] || fail "the guest said: $out"
  pass 'a microVM ran by the QEMU of the package'
  kill "$daemon"
  wait "$daemon" || :
}

for archive in "$dist"/atoll-*-linux-*.tar.gz; do
  case $archive in */atoll-microvm-*) continue ;; esac
  [ -r "$archive" ] || fail "no archive in $dist: run ./dev package"
  arch=${archive##*-linux-}
  arch=${arch%.tar.gz}
  echo "$(basename "$archive"), $(du -h "$archive" | cut -f 1)"
  place="$work/a place/$arch"
  mkdir -p "$place"
  tar -xzf "$archive" -C "$place"
  tree=$(echo "$place"/atoll-*)
  read -r version _ <"$tree/release"
  if [ -e "$tree/libexec/atoll-supervisor" ]; then
    case $arch:$(machine "$tree/libexec/atoll-supervisor") in
      amd64:3e00 | arm64:b700) pass "the supervisor is for $arch, $(du -h "$tree/libexec/atoll-supervisor" | cut -f 1)" ;;
      *) fail "the supervisor is not for $arch" ;;
    esac
  elif [ -f "$root/supervisor/Makefile" ]; then
    fail "no supervisor in $archive"
  fi
  chmod -R a-w "$tree"
  if [ "$arch" = "$native" ]; then
    [ "$(machine "$tree/runtime/bin/java")" = "$elf" ] || fail "the runtime is not for $arch"
    ln -s "$tree/bin/atoll" "$work/a link"
    try_version 'with an empty environment' env -i PATH=/usr/bin:/bin "$tree/bin/atoll"
    try_version 'through a link, from another folder' env -C / "$work/a link"
    try_version 'with a JAVA_HOME of no use' env JAVA_HOME=/nonexistent "$tree/bin/atoll"
    try_version 'with the startup cache, or not at all' env ATOLL_JAVA_OPTS=-XX:AOTMode=on "$tree/bin/atoll"
    try_daemon "$tree"
    more=$dist/atoll-microvm-$version-linux-$arch.tar.gz
    if [ -e "$more" ]; then
      echo "$(basename "$more"), $(du -h "$more" | cut -f 1)"
      # Where a process without rights can walk to, as any installation is.
      open=$(mktemp -d /usr/local/lib/atoll-package.XXXXXX)
      chmod 755 "$open"
      trap 'chmod -R u+w "$work"; rm -rf "$work" "$open"' EXIT
      tar -xzf "$archive" -C "$open"
      tar -xzf "$more" -C "$open"
      try_microvm "$open/atoll-$version-linux-$arch"
    fi
  else
    [ ! -e "$tree/runtime" ] || fail "a runtime in the package for $arch"
    find_jdk 25 java || fail "no Java 25 here to try the package without a runtime"
    try_version 'with the Java of this machine' env "JAVA_HOME=$jdk" "$tree/bin/atoll"
  fi
done

command -v dpkg-deb >/dev/null 2>&1 || exit 0
for deb in "$dist"/atoll-microvm_*.deb; do
  [ ! -e "$deb" ] || echo "$(basename "$deb"), $(du -h "$deb" | cut -f 1), needs: $(dpkg-deb -f "$deb" Depends)"
done
for deb in "$dist"/atoll_*.deb; do
  [ -r "$deb" ] || fail "no .deb in $dist"
  arch=$(dpkg-deb -f "$deb" Architecture)
  echo "$(basename "$deb"), $(du -h "$deb" | cut -f 1), needs: $(dpkg-deb -f "$deb" Depends)"
  mkdir "$work/deb-$arch"
  dpkg-deb -x "$deb" "$work/deb-$arch"
  for file in usr/bin/atoll usr/lib/systemd/system/atoll.service usr/lib/systemd/system/atoll-hub.service \
    usr/lib/systemd/user/atoll.service etc/default/atoll usr/share/man/man1/atoll.1.gz usr/share/doc/atoll/copyright; do
    [ -e "$work/deb-$arch/$file" ] || fail "no $file in $deb"
  done
  for word in KillMode=process Delegate=yes; do
    grep -qx "$word" "$work/deb-$arch/usr/lib/systemd/system/atoll.service" || fail "atoll.service without $word"
    grep -qx "$word" "$work/deb-$arch/usr/lib/systemd/user/atoll.service" || fail "the user's atoll.service without $word"
  done
  dpkg-deb --ctrl-tarfile "$deb" | tar -tf - | grep -qx ./conffiles || fail "no conffiles in $deb"
  [ "$arch" != "$native" ] || try_version 'from the .deb, through /usr/bin' "$work/deb-$arch/usr/bin/atoll"
done
echo "packages are good"
