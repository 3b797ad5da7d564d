/// Circuit relay v2: a peer that nobody can dial is reached through one that everybody can.
///
/// ```
/// /libp2p/circuit/relay/0.2.0/hop   to the relay
///   Hop  {1 type RESERVE 0 | CONNECT 1 | STATUS 2, 2 peer, 3 reservation, 4 limit, 5 status}
/// /libp2p/circuit/relay/0.2.0/stop  from the relay to who reserved
///   Stop {1 type CONNECT 0 | STATUS 1, 2 peer, 3 limit, 4 status}
/// Peer {1 id, 2 addrs*}   Limit {1 duration in s, 2 data in bytes, each way}
/// Reservation {1 expire in s since 1970, 2 addrs* of the relay, 3 voucher}
/// voucher = Envelope, domain libp2p-relay-rsvp, type 03 02, of {1 relay, 2 peer, 3 expiration}
/// ```
/// Frames have a uvarint length and at most 4096 bytes; an absent field is 0. After STATUS OK the
/// very streams carry the connection, from the next byte on. An address through a relay R to A is
/// `<address of R>/p2p/R/p2p-circuit/p2p/A`.
@NullMarked
package io.atoll.p2p.relay;

import org.jspecify.annotations.NullMarked;
