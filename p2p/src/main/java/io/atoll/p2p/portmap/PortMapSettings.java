package io.atoll.p2p.portmap;

import java.time.Duration;

/// How a node keeps its ports mapped.
///
/// @param lifetime asked for; a mapping outlives a node that was killed by no more than this
/// @param retry after the first failure; doubled with each one that follows
/// @param longestRetry at most
public record PortMapSettings(Duration lifetime, Duration retry, Duration longestRetry) {
  public static PortMapSettings defaults() {
    return new PortMapSettings(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofHours(1));
  }
}
