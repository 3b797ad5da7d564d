package io.atoll.p2p.latency;

import java.time.Duration;

/// How much is kept, and for how long.
///
/// @param own peers whose round trips this node measured
/// @param reports of others, one each
/// @param lifetime of a measurement, whoever made it
/// @param skew how far another's clock may be ahead
public record LatencyBounds(int own, int reports, Duration lifetime, Duration skew) {
  public LatencyBounds {
    if (own < 1 || reports < 1 || !lifetime.isPositive() || skew.isNegative()) {
      throw new IllegalArgumentException("a latency table keeps something for some time");
    }
  }

  public static LatencyBounds defaults() {
    return new LatencyBounds(1024, 512, Duration.ofHours(1), Duration.ofMinutes(5));
  }
}
