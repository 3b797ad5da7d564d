/// What peers sign: envelopes (libp2p RFC 0002) and the peer records in them (RFC 0003).
///
/// ```
/// Envelope   {1 public_key, 2 payload_type, 3 payload, 5 signature}
/// signed   = uvarint length · domain · uvarint length · payload_type · uvarint length · payload
/// PeerRecord {1 peer_id, 2 seq, 3 addresses*{1 multiaddr}}  domain libp2p-peer-record, type 03 01
/// ```
/// Zeros may be left out on the wire: absent is 0.
@NullMarked
package io.atoll.p2p.record;

import org.jspecify.annotations.NullMarked;
