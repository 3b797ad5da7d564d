package io.atoll.p2p.mdns;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.util.List;

/// A peer that somebody on this network told of.
///
/// @param addresses at least one, without the peer at their end
public record FoundPeer(PeerId peer, List<Multiaddr> addresses) {
  public FoundPeer {
    addresses = List.copyOf(addresses);
  }
}
