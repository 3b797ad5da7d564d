package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.market.agreement.Terms;
import java.time.Instant;
import java.util.List;

/// A hub that this provider joined.
///
/// @param addresses multiaddrs where it was reached
public record Agreement(PeerId hub, List<String> addresses, Terms terms, Instant joinedAt) {
  public Agreement {
    addresses = List.copyOf(addresses);
  }
}
