/// Lines into guests, and the sessions of commands that are kept there.
///
/// ```
/// daemon ── unix socket ──▶ QEMU ── virtio-serial "io.atoll.exec" ──▶ multiplexer ──▶ sessions
/// ```
///
/// A session inside a guest is the same program as beside a process (`supervisor/session.c`).
/// Offsets and acknowledgements are between it and whoever sits before the terminal; what lies
/// between passes bytes, and may lose its state at any moment: a line that breaks is opened again.
///
/// **Frames**, all numbers big-endian; the agent of a microVM uses the same on its own port:
///
/// ```
///  0          4         5      6        8        12
/// +----------+---------+------+--------+--------+---------------------+
/// | ATGA     | version | type | length | CRC-32 | length bytes …      |
/// |  u32     |  u8 = 1 |  u8  |  u16   |  u32   |  at most 16,384     |
/// +----------+---------+------+--------+--------+---------------------+
/// ```
///
/// The CRC covers bytes 4 to 7 and the body. Who was cut off within a frame looks for the next
/// magic whose CRC is right; a host begins with as many zero bytes as the longest frame has. Frames
/// of unknown type are passed over.
///
/// **The protocol of sessions, version 1**; `supervisor/guest_exec.c` is the other end:
///
/// ```
/// to the guest    HELLO 1    u64 nonce: lines of an earlier host are closed, sessions stay
///                 WORDS 2    u32 offset, a piece of a session's spec; at most 512 KiB in all
///                 BEGIN 3    u32 length of the spec, id
///                 ATTACH 4   u32 line, id
///                 DATA 5     u32 line, bytes
///                 CLOSE 6    u32 line
/// from the guest  WELCOME 65 u64 nonce
///                 BEGUN 66   u8 how, u8 length, id, text
///                            (0 begun, 1 was before, 2 too many, 3 could not)
///                 OPENED 67  u32 line
///                 SAID 68    u32 line, bytes
///                 CLOSED 69  u32 line, u8 why
///                            (0 by the session, 1 there is none, 2 overrun, 3 no room)
/// ```
///
/// The spec is that of `supervisor/spec.c` without its end; the guest adds who the command is. A
/// guest keeps at most 16 sessions. There is no flow control but what sessions have: a side that
/// cannot keep what comes for a line closes it.
@NullMarked
package io.atoll.runtime.guest;

import org.jspecify.annotations.NullMarked;
