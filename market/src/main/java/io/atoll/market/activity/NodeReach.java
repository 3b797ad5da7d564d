package io.atoll.market.activity;

import io.atoll.core.identity.PeerId;
import java.util.List;
import java.util.Objects;

/// Where a node may be reached for packets of private networks. A hint: whoever answers there has
/// to prove by its key who it is.
///
/// @param addresses `host:port` of UDP, the most promising first
public record NodeReach(PeerId node, List<String> addresses) {
  public NodeReach {
    Objects.requireNonNull(node, "node");
    addresses = List.copyOf(addresses);
  }
}
