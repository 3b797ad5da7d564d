/// One command beside a payload, as a conversation that survives its connections.
///
/// Frames, big-endian: u8 type, u8 zero, u16 length, then so many bytes. `supervisor/session.c` is
/// the other end; what lies between passes them on as they are.
///
/// ```
/// to the command                              from it
///  1 attach   u64 out had | u64 err had       16 attached  u64 input read by the command
///  2 input    u64 offset  | bytes             17 out       u64 offset | bytes
///  3 no more  u64 offset                      18 err       u64 offset | bytes
///  4 ack      u64 out had | u64 err had       19 taken     u64 input read by the command
///  5 resize   u16 rows | u16 columns          20 exit      u8 cause | u8 signal | u16 code |
/// detail  6 signal   u8                              21 pong
///  7 release                                  22 failed    utf code | utf message | utf hint
///  8 ping                                     23 ready
/// ```
///
/// Attach comes first on each connection. Bytes are kept by whoever sent them until the other side
/// says that it has them; input is sent at most 64 KiB ahead of what the command has read. Types 22
/// and 23 come from what lies between: why there is no connection, or that there is one.
@NullMarked
package io.atoll.core.exec;

import org.jspecify.annotations.NullMarked;
