package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An address through a relay, `<via>/p2p-circuit/p2p/<target>`.
///
/// @param via the relay's own address, with its peer id at the end; only the id where it may be
///     looked up
/// @param target who is reached; empty where one listens there
record CircuitAddress(Multiaddr via, Optional<PeerId> target) {

  static Optional<CircuitAddress> of(Multiaddr address) {
    List<Part> parts = address.parts();
    int at = -1;
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).protocol() == Protocol.P2P_CIRCUIT) {
        if (at >= 0) {
          return Optional.empty(); // through two relays: nobody serves that
        }
        at = i;
      }
    }
    if (at < 1 || parts.get(at - 1).protocol() != Protocol.P2P || parts.size() > at + 2) {
      return Optional.empty();
    }
    boolean targeted = parts.size() == at + 2;
    if (targeted && parts.getLast().protocol() != Protocol.P2P) {
      return Optional.empty();
    }
    return Optional.of(
        new CircuitAddress(
            new Multiaddr(parts.subList(0, at)),
            targeted ? address.peer().map(PeerId::parse) : Optional.empty()));
  }

  PeerId relay() {
    return PeerId.parse(via.peer().orElseThrow());
  }

  /// Where a peer is found through the relay at that address.
  static Multiaddr through(Multiaddr relayAddress, PeerId relay) {
    List<Part> parts = new ArrayList<>(relayAddress.withPeer(relay.text()).parts());
    parts.add(new Part(Protocol.P2P_CIRCUIT, ""));
    return new Multiaddr(parts);
  }

  static boolean isRelayed(Multiaddr address) {
    return address.value(Protocol.P2P_CIRCUIT).isPresent();
  }
}
