#!/bin/sh
# guest.sh [FOLDER]: makes what microVMs boot, for the CPU of this machine, from Debian's cloud kernel and
# our own init (the supervisor's program, in another mode):
#
#   FOLDER/vmlinux     the kernel as an uncompressed ELF: boots by PVH, which saves seconds under emulation
#   FOLDER/initramfs   /init and the kernel's modules; the same bytes from the same inputs
#   FOLDER/release     which kernel package, the SHA-256 of both, a line each
#
# Default folder: .build/guest. Nothing is done when it is newer than the supervisor's sources, than this, and of the
# kernel that apt offers. The kernel's package is kept beside it, in .build/guest-package.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
out=${1:-$build/guest}
. "$root/tools/packages.sh"

case $(uname -m) in
  x86_64) arch=amd64 ;;
  *)
    echo "guest.sh: microVMs are made for x86_64 only, this is $(uname -m)" >&2
    exit 1
    ;;
esac
mkdir -p "$build"
need_tools 'the kernel of microVMs' lz4 objcopy cpio dpkg-deb make musl-gcc
command -v apt-get >/dev/null 2>&1 || {
  echo "guest.sh: the kernel comes from Debian's packages, and there is no apt-get here" >&2
  exit 1
}

package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
if [ -z "$package" ] && [ "$(id -u)" = 0 ]; then
  apt-get -qq update >"$build/guest-update.log" 2>&1 || :
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
fi
if [ -z "$package" ]; then
  # Without package lists, what was made before is as good as it gets.
  [ ! -s "$out/release" ] || exit 0
  echo "guest.sh: apt knows no linux-image-cloud-amd64; run apt-get update on a Debian system" >&2
  exit 1
fi

make -C "$root/supervisor" -s "ARCH=$arch"
init=$root/supervisor/build/$arch/atoll-supervisor
version=$(apt-cache show "$package" | sed -n 's/^Version: //p' | head -n 1)
stamp="kernel $package $version"
if [ -s "$out/release" ] && [ "$(head -n 1 "$out/release")" = "$stamp" ] && [ ! "$init" -nt "$out/release" ] &&
  [ ! "$root/tools/guest.sh" -nt "$out/release" ]; then
  exit 0
fi

kept=$build/guest-package
mkdir -p "$kept"
work=$(mktemp -d "$build/guest.XXXXXX")
trap 'rm -rf "$work"' EXIT
deb=$(ls "$kept/${package}_"*.deb 2>/dev/null | head -n 1) || :
if [ -z "$deb" ]; then
  (cd "$work" && apt-get -qq download "$package" 2>"$work/download.log") || {
    echo "guest.sh: apt-get download $package failed:" >&2
    tail -n 3 "$work/download.log" >&2
    exit 1
  }
  rm -f "$kept"/*.deb
  mv "$work/${package}_"*.deb "$kept/"
  deb=$(ls "$kept/${package}_"*.deb)
fi
dpkg-deb -x "$deb" "$work/package"
image=$(ls "$work"/package/boot/vmlinuz-*)

# The compressed kernel within the image (Linux, Documentation/arch/x86/boot.rst): setup_sects at 0x1f1,
# payload_offset at 0x248 and payload_length at 0x24c; the last four bytes are the length of the content.
number() { od -An -tu"$2" -j"$1" -N"$2" "$image" | tr -d ' '; }
begin=$((($(number 497 1) + 1) * 512 + $(number 584 4)))
length=$(($(number 588 4) - 4))
tail -c +$((begin + 1)) "$image" | head -c "$length" | lz4 -dc >"$work/vmlinux"
[ "$(head -c 4 "$work/vmlinux" | tail -c 3)" = ELF ] || {
  echo "guest.sh: $package holds no LZ4-compressed kernel; this script must learn its compression" >&2
  exit 1
}

# In the order in which they must be loaded.
mkdir -p "$work/tree/lib" "$work/tree/dev" "$work/tree/proc" "$work/tree/sys"
: >"$work/tree/modules"
: >"$work/tree/modules.net"
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk virtio_console squashfs overlay \
  net:failover net:net_failover net:virtio_net; do
  list=$work/tree/modules
  case $module in
    # Loaded where there is a network card.
    net:*) list=$list.net module=${module#net:} ;;
  esac
  file=$(find "$work/package/lib/modules" -name "$module.ko")
  [ -n "$file" ] || {
    echo "guest.sh: $package has no module $module" >&2
    exit 1
  }
  # Without the distribution's signature, which the guest would verify for seconds' tenths.
  objcopy --strip-debug "$file" "$work/tree/lib/$module.ko"
  echo "/lib/$module.ko" >>"$list"
done
cp "$init" "$work/tree/init"
chmod 755 "$work/tree/init"
find "$work/tree" -exec touch -h -d @0 {} +
(cd "$work/tree" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet) >"$work/initramfs"

mkdir -p "$out"
chmod 644 "$work/vmlinux" "$work/initramfs"
rm -f "$out/release"
mv "$work/vmlinux" "$work/initramfs" "$out/"
{
  echo "$stamp"
  (cd "$out" && sha256sum vmlinux initramfs)
} >"$work/release"
mv "$work/release" "$out/release"
