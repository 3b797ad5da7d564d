package io.atoll.vpn.path;

import java.net.InetSocketAddress;

/// An address at which a node may be reached by UDP, and how it is known.
public record Candidate(InetSocketAddress address, Kind kind) {
  /// The nearer ways first.
  public enum Kind {
    /// Of one of its own cards.
    LOCAL,

    /// Given by its gateway, for as long as it lives.
    MAPPED,

    /// Where others have seen it.
    OBSERVED,

    /// Named by whoever owns this node: as stock WireGuard's endpoint it is used untried while
    /// nothing better is known.
    TOLD,

    /// Where something genuine of it came from: it has moved, or sits behind a gateway.
    HEARD
  }

  public Candidate {
    if (address.isUnresolved() || address.getPort() == 0) {
      throw new IllegalArgumentException(address + " is no address to send to");
    }
  }
}
