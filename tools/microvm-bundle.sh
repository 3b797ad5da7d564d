#!/bin/sh
# microvm-bundle.sh FOLDER: puts into FOLDER all that microVMs take beside Atoll and the C library, so that
# nothing else needs to be installed:
#
#   vmlinux, initramfs, release          what guests boot (tools/guest.sh)
#   qemu/qemu-system-x86_64              starts the program below with its own libraries
#   qemu/program, qemu/lib, qemu/modules, qemu/firmware
#   licences/PACKAGE                     of every Debian package that something was taken from, with its version,
#                                        by which Debian keeps its source
#
# QEMU is that of this machine. Only for x86-64.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/packages.sh"

out=$1
[ "$(uname -m)" = x86_64 ] || {
  echo "microvm-bundle.sh: microVMs are made for x86_64 only, this is $(uname -m)" >&2
  exit 1
}
need_tools 'the bundle for microVMs' qemu-system-x86_64 dpkg-deb lz4 cpio
"$root/tools/guest.sh"
rm -rf "$out"
mkdir -p "$out/qemu/lib" "$out/qemu/modules" "$out/qemu/firmware" "$out/licences"
cp "$build/guest/vmlinux" "$build/guest/initramfs" "$build/guest/release" "$out/"

program=$(readlink -f "$(command -v qemu-system-x86_64)")
modules=/usr/lib/x86_64-linux-gnu/qemu
taken=$(mktemp)
trap 'rm -f "$taken"' EXIT
cp "$program" "$out/qemu/program"
echo "$program" >"$taken"
for module in "$modules"/accel-tcg-x86_64.so; do
  [ ! -e "$module" ] || cp "$module" "$out/qemu/modules/"
done
# All libraries but those of the C library, which must fit the system's loader.
ldd "$program" | sed -n 's/^[[:space:]]*\([^ ]*\) => \(\/[^ ]*\) .*/\1 \2/p' | while read -r name file; do
  case $name in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.* | libutil.so.* | ld-linux*) ;;
    *)
      cp -L "$file" "$out/qemu/lib/$name"
      readlink -f "$file" >>"$taken"
      ;;
  esac
done
for file in /usr/share/seabios/bios-256k.bin /usr/share/qemu/pvh.bin /usr/share/qemu/linuxboot_dma.bin /usr/share/qemu/kvmvapic.bin; do
  cp -L "$file" "$out/qemu/firmware/"
  readlink -f "$file" >>"$taken"
done
cat >"$out/qemu/qemu-system-x86_64" <<'START'
#!/bin/sh
# QEMU with the libraries, modules and firmware that lie beside it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
QEMU_MODULE_DIR=$here/modules
export QEMU_MODULE_DIR
exec /lib64/ld-linux-x86-64.so.2 --library-path "$here/lib" "$here/program" -L "$here/firmware" "$@"
START
chmod 755 "$out/qemu/qemu-system-x86_64" "$out/qemu/program"
chmod 644 "$out"/vmlinux "$out"/initramfs "$out"/release "$out"/qemu/lib/* "$out"/qemu/firmware/*

# dpkg may know a file by the path from before /lib and /usr/lib became one.
while read -r file; do
  dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "${file#/usr}" 2>/dev/null || :
done <"$taken" | sed 's/: .*//; s/:[a-z0-9]*$//' | sort -u | while read -r package; do
  {
    dpkg-query -W -f '${Package} ${Version}, source ${source:Package} ${source:Version}\n\n' "$package"
    cat "/usr/share/doc/$package/copyright"
  } >"$out/licences/$package"
done
cat >"$out/licences/linux" <<LINUX
vmlinux and the modules in initramfs are those of Debian's package $(sed -n '1s/^kernel //p' "$out/release"),
source package linux, under version 2 of the GNU General Public License
(/usr/share/common-licenses/GPL-2 on Debian systems). /init in initramfs is Atoll's own supervisor.
LINUX
