package io.atoll.p2p.holepunch;

import io.atoll.core.multiformat.Multiaddr;
import java.time.Duration;
import java.util.function.Predicate;

/// How a node makes its way to peers behind NATs.
///
/// @param dialable which addresses of others may be dialled, and which of its own are told
/// @param attempts with new addresses each, before the relayed connection is all there is
/// @param dial how long one may take
/// @param settle before B begins, so that both have learnt what the other is
public record PunchPolicy(
    Predicate<Multiaddr> dialable, int attempts, Duration dial, Duration settle) {

  /// @param dialable such as those that mean something on the internet
  public static PunchPolicy of(Predicate<Multiaddr> dialable) {
    return new PunchPolicy(dialable, 3, Duration.ofSeconds(5), Duration.ofMillis(500));
  }
}
