/// QUIC v1 (RFC 9000) as libp2p runs it: `/ip4/…/udp/…/quic-v1`, ALPN `libp2p`, the certificates of
/// `security.tls` at both ends, no negotiation of security or muxer: one connection is one muxer,
/// and every bidirectional stream begins with multistream-select.
///
/// The packets are Netty's native codec's affair; the socket is ours. Both diallers and listeners
/// of one port share it, so that a dial leaves from the port that listens:
///
/// ```
/// UdpSocket ──QUIC──► Endpoint ──┬─ id in the packet carries our mark ─► client codec
///      ▲                         └─ any other ────────────────────────► server codec
///      └── FedChannel: what a codec writes ◄────────────────────────────────┘
/// ```
/// One thread of an endpoint runs both codecs; streams block virtual threads.
@NullMarked
package io.atoll.p2p.transport.quic;

import org.jspecify.annotations.NullMarked;
