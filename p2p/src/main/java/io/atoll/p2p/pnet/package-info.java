/// Private networks (pnet specification of libp2p): whoever does not have the key understands
/// nothing, not even the first negotiation.
///
/// ```
/// each end → 24 random bytes, then everything xor XSalsa20(key, those bytes)
/// key file = /key/swarm/psk/1.0.0/ ⏎ /base16/ ⏎ 64 hexadecimal digits
///            (or /base64/ and base64, or /bin/ and 32 bytes)
/// ```
/// It lies below security, and proves nobody's identity. Not for QUIC, which has its own packets.
@NullMarked
package io.atoll.p2p.pnet;

import org.jspecify.annotations.NullMarked;
