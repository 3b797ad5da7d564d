/// Makes a cloud image from a distribution's own packages: no download of a finished image, no
/// loop device, no boot loader. The result is a folder that [io.atoll.runtime.qemu.disk.VmImage]
/// reads.
///
/// ```
/// mmdebstrap ──▶ rootfs.tar ──▶ folder ──▶ mke2fs -d ──▶ qemu-img ──▶ disk.qcow2
/// (minutes; kept until the end, so       │
///  that a second try goes on here)       ├─ /boot/vmlinuz ── lz4 ──▶ vmlinux
///                                        └─ busybox, modules ──────▶ initramfs
/// ```
///
/// From one state of the mirror come the same kernel, initramfs and rootfs.tar, byte for byte; the
/// disk holds the same files, but mke2fs keeps the times at which it saw them.
@NullMarked
package io.atoll.runtime.qemu.build;

import org.jspecify.annotations.NullMarked;
