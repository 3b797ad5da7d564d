package io.atoll.vpn.exit;

import java.time.Duration;

/// How much one network may have open outside, on one node.
///
/// @param connections of TCP at once, and as many flows of UDP
/// @param each of both together, for one member
/// @param memory bytes that the connections' rings may take
/// @param idle how long a flow of UDP lives with nothing in it, and after how long a member that
///     says nothing is asked whether it is still there
public record ExitLimits(int connections, int each, long memory, Duration idle) {
  public static final ExitLimits USUAL = new ExitLimits(512, 256, 32L << 20, Duration.ofMinutes(1));

  public ExitLimits {
    if (connections < 1 || each < 1 || memory < 1 || idle.isNegative() || idle.isZero()) {
      throw new IllegalArgumentException("a way out that nothing can take");
    }
  }
}
