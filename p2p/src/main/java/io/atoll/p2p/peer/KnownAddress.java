package io.atoll.p2p.peer;

import io.atoll.core.multiformat.Multiaddr;
import java.time.Instant;

/// An address that a peer may be reached at.
///
/// @param address without a peer at its end
/// @param expires when it does not count any more
/// @param signed by the peer itself, in the record that is kept
public record KnownAddress(Multiaddr address, Instant expires, boolean signed) {
  public KnownAddress {
    address = address.withoutPeer();
  }
}
