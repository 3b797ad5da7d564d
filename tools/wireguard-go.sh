#!/bin/sh
# wireguard-go.sh FOLDER: puts a wireguard-go with offloads (December 2023 or later) there and prints the program's
# path. The machine's own where it has one that is new enough; else the package of Debian's next release, by this
# machine's apt, from the mirror that it already uses. Nothing is installed.
set -eu
folder=${1:?a folder}
mkdir -p "$folder"
folder=$(CDPATH='' cd -- "$folder" && pwd -P)
program=$folder/root/usr/bin/wireguard-go

# Which offloads it knows is in its symbols; --version says an older year.
offloads() {
  [ -x "$1" ] && grep -q coalesceMessages "$1"
}

own=$(command -v wireguard-go || true)
if [ -n "$own" ] && offloads "$own"; then
  echo "$own"
  exit 0
fi
if ! offloads "$program"; then
  for tool in apt-get dpkg; do
    command -v "$tool" >/dev/null 2>&1 || {
      echo "wireguard-go.sh: no wireguard-go with offloads here, and no $tool to get one with" >&2
      exit 1
    }
  done
  mirror=$(grep -hoE '^(URIs:|deb( \[[^]]*\])?) *[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -oE '[a-z]+://[^ ]+' | grep -v security | head -n 1)
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -n "$mirror" ] && [ -r "$keyring" ] || {
    echo "wireguard-go.sh: this machine's apt is not Debian's, which has the package" >&2
    exit 1
  }
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/root"
  echo "deb [signed-by=$keyring] $mirror trixie main" >"$folder/sources.list"
  set -- "-oDir::Etc::sourcelist=$folder/sources.list" -oDir::Etc::sourceparts=- \
    "-oDir::State::lists=$folder/lists" "-oDir::Cache=$folder/cache"
  (apt-get "$@" update && cd "$folder" && apt-get "$@" download wireguard-go/trixie) >"$folder/log" 2>&1 || {
    echo "wireguard-go.sh: apt did not bring the package:" >&2
    tail -n 5 "$folder/log" >&2
    exit 1
  }
  dpkg -x "$folder"/wireguard-go_*.deb "$folder/root"
fi
offloads "$program" || {
  echo "wireguard-go.sh: the wireguard-go that came has no offloads" >&2
  exit 1
}
echo "$program"
