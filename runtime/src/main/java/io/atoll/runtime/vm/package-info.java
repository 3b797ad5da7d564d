/// Virtual machines from cloud images, as runs: each is one QEMU under a supervisor of its own,
/// with a uid and control groups of its own and QEMU's filter of system calls on. Nothing of it
/// needs the daemon: output, exit and disk are there when it comes back.
///
/// A run's folder is that of [io.atoll.runtime.process] and holds besides:
///
/// ```
/// stopping          somebody asked for its end
/// up                QEMU answered once       limit     bytes that `work` may hold
/// clone, released   it is a clone, which has its own identity and may have begun
/// begun             a clone's payload was told to begin
/// deep, deep.new    its machine, which gave its memory back; a draft of that
/// ports             those that it had then   work/asleep, work/waiting   see `VmSleep`
/// user-data, user-data-applied   a clone's, applied after its start
/// work/base.qcow2   the image, a link        work/qmp       QEMU listens
/// work/disk.qcow2   the layer over it        work/agent     the guest's agent
/// work/seed.iso     who it is                work/exit      what the command came to
/// work/vmlinux, work/initramfs               work/qemu.log  what QEMU itself said
/// ```
///
/// What a task says:
///
/// - `image`: name of a folder of images. `resources`: vCPUs are rounded up; memory is the
///   guest's RAM; disk is the size of its disk, 0 = the image's.
/// - `command`: empty = a machine that runs until it is stopped or turns itself off; its serial
///   console is the output. Else the command runs as root once the machine is up, its two
///   streams are the output, and its end turns the machine off.
/// - `guest`: its name, who may log in, and user-data for cloud-init.
/// - ports: published on the host's loopback; 22/tcp always is, but where the machine is in a
///   network and asks for none. The machine reaches nothing outside: QEMU's user-mode network
///   would let it reach the host's own services. Without ports QEMU itself is, as root, in a
///   network of its own with nothing in it.
///
/// Into the guest lead four ports of virtio-serial: the agent's, and `atoll.out`, `atoll.err`,
/// `atoll.exit`, which QEMU writes to the supervisor's pipes and to a file. A guest that says
/// too much fills its own limits.
@NullMarked
package io.atoll.runtime.vm;

import org.jspecify.annotations.NullMarked;
