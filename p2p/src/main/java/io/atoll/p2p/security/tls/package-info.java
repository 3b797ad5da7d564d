/// TLS 1.3 as libp2p runs it (tls specification of libp2p; RFC 8446), and the certificates that
/// QUIC uses as well.
///
/// ```
/// certificate = one, self-signed, of a key made for it; extension 1.3.6.1.4.1.53594.1.1 =
///               SEQUENCE { OCTET STRING PublicKey message of the host,
///                          OCTET STRING signature by the host over
///                                       "libp2p-tls-handshake:" · SubjectPublicKeyInfo }
/// ALPN        = the muxers of this end, then "libp2p": a muxer that is chosen is agreed on,
///               "libp2p" leaves it to multistream-select
/// ```
/// Both ends show a certificate; no server name is sent, no session is resumed.
@NullMarked
package io.atoll.p2p.security.tls;

import org.jspecify.annotations.NullMarked;
