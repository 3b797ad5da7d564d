/// WebSocket (RFC 6455) as a transport: what TCP carries, in binary messages, for networks that let
/// only the web through.
///
/// ```
/// dialler → GET / HTTP/1.1 · Upgrade: websocket · Sec-WebSocket-Key: 16 random bytes, base64
/// listener→ HTTP/1.1 101   · Sec-WebSocket-Accept: base64(SHA-1(key · fixed GUID))
/// frame   = FIN 1 · reserved 3 · opcode 4 · MASK 1 · length 7, or 126 · u16, or 127 · u64
///           · mask key 4, from the dialler only · payload, xor mask key
/// opcodes   0 continued, 2 binary, 8 close, 9 ping, 10 pong
/// ```
/// The payloads, one after the other, are the bytes of the wire; where messages end means nothing.
/// Its own framing, as the libraries there are bring their own threads, and a wire blocks.
@NullMarked
package io.atoll.p2p.transport.ws;

import org.jspecify.annotations.NullMarked;
