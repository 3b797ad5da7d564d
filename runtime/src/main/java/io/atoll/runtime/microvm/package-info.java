/// Container images as small virtual machines: one payload in one guest, with a kernel of its own.
///
/// ```
/// daemon ── QMP ──────────▶ QEMU (a sandboxed process run: own uid, cgroup, no network)
///    ├──── agent socket ──▶ QEMU ── virtio-serial ──▶ agent, pid 1 of the guest ──▶ payload
///    └──── frames ────────▶ QEMU ── virtio-net ─────▶ its interface of a network
/// ```
///
/// The image is a squashfs, handed to QEMU open for reading; the guest mounts it under memory. What
/// the payload writes waits in a ring of 256 KiB in the guest until this side has it on disk; a
/// payload that fills the ring waits. So the daemon may die and come back, and nothing is lost or
/// doubled.
///
/// Commands beside the payload are kept in the guest, behind a port of their own; package
/// `io.atoll.runtime.guest` draws its protocol and the frames of both ports.
///
/// **The agent's protocol, version 1**, in those frames:
///
/// ```
/// to the guest    HELLO 1    u64 nonce, u64 output that the host has
///                 WORDS 2    u32 offset, a piece of the words
///                 START 3    u32 length of the words, u64 clock ns, 64 bytes of entropy
///                 ACK 4      u64 output that the host has
///                 SIGNAL 5   u8 number, to the payload's first process
///                 STOP 6     u32 grace ms: SIGTERM, then SIGKILL to all
///                 BYE 7      the end is on the host's disk: turn off
///                 CLOCK 8    u64 clock ns
///                 MOVE 9     u32 number, text of a card, text of /etc/hosts, each ended by a zero
/// from the guest  WELCOME 65 u64 nonce, u8 phase (0 waits, 1 runs, 2 ended), u64 output end
///                 OUTPUT 66  u64 offset, u8 stream (1 stdout, 2 stderr), bytes
///                 STARTED 67 the payload's program runs
///                 EXIT 68    u8 cause, u8 started, u16 zero, u32 code, u64 output end,
///                            i64 CPU ns, i64 memory peak, u64 clock ns, text
///                 MOVED 69   u32 number, u8 errno
/// ```
///
/// After HELLO the guest answers WELCOME with its nonce, then says again what it had said (STARTED,
/// the output from the offset that the host has, EXIT). What comes before WELCOME is of an earlier
/// host's time. START takes effect once; entropy and clock come before the payload. The words are
/// `key=value`, each ended by a zero byte, the last `end=`: `arg`, `env`, `work`, `user`, `host`,
/// `memory`, `processes`, `disk`, and for networks `card` and `mac` for each card, `resolver`,
/// `hosts`; `supervisor/guest_payload.c` reads them.
///
/// A run's folder: `began` (the payload may have begun), `stop` (somebody asked for the end),
/// `exit`, and `out.N`; `cards` (its interfaces, as they are now); `machine` (what is needed to
/// make its QEMU again), `deep` (the guest, which gave its memory back: while it has this name it
/// is the truth, see `DeepStep`), `deep.new` (a draft, worth nothing) and `image` (its image then).
/// QEMU's own folder, that of a process run of the same name, lies elsewhere and goes when QEMU has
/// ended; its output is the guest's console.
@NullMarked
package io.atoll.runtime.microvm;

import org.jspecify.annotations.NullMarked;
