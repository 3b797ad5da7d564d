/// Packets over a stream of libp2p: the last resort, where UDP does not get through. A stream is in
/// order and without loss, which no packet needs: TCP inside of it waits for TCP outside. So little
/// waits here, and the oldest is dropped and counted when more comes.
///
/// Protocol `/atoll/packets/1`, both ways on one stream, as many as were ready in one write:
///
/// ```
/// ├─ length, u16 big-endian, not 0 ─┼─ a datagram as it would be on the UDP socket ─┤ …
/// ```
/// What it is for is told as on the socket, by its first bytes ([io.atoll.p2p.udp.PacketKind]).
@NullMarked
package io.atoll.vpn.stream;

import org.jspecify.annotations.NullMarked;
