/// DCUtR: two peers that talk over a relay get a direct connection, through the NATs of both.
///
/// ```
/// /libp2p/dcutr  HolePunch{1 type CONNECT 100 | SYNC 300, 2 ObsAddrs*}, frames up to 4096 bytes
///
///   A, who dialled over the relay            B, who was dialled
///                          ◄── CONNECT(addresses of B) ──
///      ── CONNECT(addresses of A) ──►        measures the round trip
///                          ◄── SYNC ──
///   dials at once                            dials after half a round trip
/// ```
/// Both dial from the port they listen on. A is the initiator of what follows, B the responder. B
/// first tries to dial A as anybody would.
@NullMarked
package io.atoll.p2p.holepunch;

import org.jspecify.annotations.NullMarked;
