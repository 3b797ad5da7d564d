/// WebSocket (RFC 6455) as blocking streams, both ends: the opening handshake's one computation,
/// and frames.
///
/// ```
///   0               1               2               3
///  |F|R R R|opcode |M| length (7)  | length (16 or 64 bits, if 126 or 127)    §5.2
///  | masking key (32 bits, if M)   | payload, XOR key …
/// ```
/// A client masks what it sends, a server does not; each breaks off when the other does otherwise.
/// Nothing is allocated by a length that was told: a payload goes into the reader's own buffer.
@NullMarked
package io.atoll.core.websocket;

import org.jspecify.annotations.NullMarked;
