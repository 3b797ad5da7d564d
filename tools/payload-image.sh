#!/bin/sh
# payload-image.sh NAME FOLDER: makes FOLDER/NAME.tar, the files of an image that tests run as a container and
# as a microVM, from Debian's packages. NAME is python, nginx, redis or postgres. Nothing is done when it is
# there already. Takes half a minute to two.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/packages.sh"

name=$1
folder=$2
case $name in
  python) packages=python3-minimal,libpython3-stdlib ;;
  nginx) packages=nginx-light ;;
  redis) packages=redis-server ;;
  postgres) packages=postgresql-15 ;;
  *)
    echo "payload-image.sh: no image '$name': python, nginx, redis, postgres" >&2
    exit 2
    ;;
esac
[ ! -s "$folder/$name.tar" ] || exit 0
mkdir -p "$folder" "$build"
need_tools 'images of the tests' mmdebstrap
new=$(mktemp -d "$folder/$name.XXXXXX")
trap 'rm -rf "$new"' EXIT
mmdebstrap --variant=essential --mode=root --quiet --format=tar \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" \
  --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/*.log' \
  bookworm "$new/rootfs.tar" >"$new/log" 2>&1 || {
  echo "payload-image.sh: mmdebstrap failed for $name:" >&2
  tail -n 5 "$new/log" >&2
  exit 1
}
mv "$new/rootfs.tar" "$folder/$name.tar"
