package io.atoll.p2p.peer;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.record.SignedPeerRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that is known of one peer.
///
/// @param protocols that it said it speaks; empty where it was never asked
/// @param agent its program and version, in its own words
/// @param record the newest it signed
/// @param dialled whether this node has reached it once by an address of its
/// @param updated when something was last learnt of it
public record KnownPeer(
    PeerId id,
    Optional<PublicKey> key,
    List<KnownAddress> addresses,
    List<String> protocols,
    String agent,
    Optional<SignedPeerRecord> record,
    boolean dialled,
    Instant updated) {

  public KnownPeer {
    addresses = List.copyOf(addresses);
    protocols = List.copyOf(protocols);
  }

  static KnownPeer blank(PeerId id, Instant now) {
    return new KnownPeer(
        id, Optional.empty(), List.of(), List.of(), "", Optional.empty(), false, now);
  }

  /// Addresses that count now, signed ones first, then those that count longest.
  public List<Multiaddr> reachableAt(Instant now) {
    return addresses.stream()
        .filter(known -> known.expires().isAfter(now))
        .map(KnownAddress::address)
        .toList();
  }
}
