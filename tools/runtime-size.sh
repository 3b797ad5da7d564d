#!/bin/sh
# runtime-size.sh: how many bytes a machine downloads to run microVMs, beside Docker's engine, as Debian packs
# both: the packages and all that they depend on, without recommendations and without what every Debian system
# has (priority required or important). Our kernel and initramfs count as packed with zstd -12.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
guest=$root/.build/guest
[ -s "$guest/release" ] || "$root/tools/guest.sh"

# sum PACKAGE: bytes and number of packages.
sum() {
  # shellcheck disable=SC2046 # a list of words
  apt-cache show --no-all-versions $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
    --no-breaks --no-replaces --no-enhances "$1" | grep '^[a-z0-9]' | sort -u) 2>/dev/null |
    awk -v RS='' '{
      name = size = priority = ""
      n = split($0, lines, "\n")
      for (i = 1; i <= n; i++) {
        split(lines[i], part, ": ")
        if (part[1] == "Package") name = part[2]
        if (part[1] == "Size") size = part[2]
        if (part[1] == "Priority") priority = part[2]
      }
      if (priority == "required" || priority == "important" || (name in seen)) next
      seen[name] = 1
      bytes += size
      count++
    } END { printf "%d %d\n", bytes, count }'
}

show() { awk -v text="$1" -v bytes="$2" 'BEGIN { printf "%-52s %7.1f MB\n", text, bytes / 1000000 }'; }

docker=$(sum docker.io)
qemu=$(sum qemu-system-x86)
kernel=$(zstd -12 -q -c "$guest/vmlinux" | wc -c)
initramfs=$(zstd -12 -q -c "$guest/initramfs" | wc -c)
show "Docker Engine, ${docker#* } packages" "${docker% *}"
show "QEMU with firmware, ${qemu#* } packages" "${qemu% *}"
show "our kernel" "$kernel"
show "our initramfs" "$initramfs"
ours=$((${qemu% *} + kernel + initramfs))
show "microVM runtime in all" "$ours"
awk "BEGIN { printf \"ratio to Docker Engine %.2f\n\", $ours / ${docker% *} }"

# What of the packages a guest really uses: the program, its libraries, its firmware.
program=$(command -v qemu-system-x86_64 || :)
[ -n "$program" ] || exit 0
list=$(mktemp)
trap 'rm -f "$list"' EXIT
{
  readlink -f "$program"
  ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | grep -vE '/(libc|libm|libgcc_s)\.' | xargs readlink -f
  readlink -f /usr/share/seabios/bios-256k.bin /usr/share/qemu/pvh.bin /usr/share/qemu/linuxboot_dma.bin /usr/share/qemu/kvmvapic.bin
  echo "$guest/vmlinux"
  echo "$guest/initramfs"
} | sort -u | while read -r file; do [ ! -e "$file" ] || echo "$file"; done >"$list"
only=$(tar -cf - -P -T "$list" | zstd -12 -q -c | wc -c)
show "only the files that a guest uses, packed" "$only"
awk "BEGIN { printf \"ratio to Docker Engine %.2f\n\", $only / ${docker% *} }"
