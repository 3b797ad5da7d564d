package io.atoll.p2p.identify;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.record.SignedPeerRecord;
import java.util.List;
import java.util.Optional;

/// What a peer says of itself. None of it is proven but by the connection it came over.
///
/// @param listen where it listens, those addresses that are understood here
/// @param observed where it sees the other end, without a peer id
/// @param record its addresses as it signed them, checked
public record Identified(
    Optional<PublicKey> key,
    List<Multiaddr> listen,
    List<String> protocols,
    Optional<Multiaddr> observed,
    String protocolVersion,
    String agentVersion,
    Optional<SignedPeerRecord> record) {

  public Identified {
    listen = List.copyOf(listen);
    protocols = List.copyOf(protocols);
  }
}
