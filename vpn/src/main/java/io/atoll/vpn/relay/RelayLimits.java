package io.atoll.vpn.relay;

import java.time.Duration;

/// What a node passes on for others.
///
/// @param seats in all; two nodes that meet have two
/// @param seatsOfOne client
/// @param bytesPerSecond of one client
/// @param allBytesPerSecond of all
/// @param unbound after so long a seat is given up
public record RelayLimits(
    int seats, int seatsOfOne, long bytesPerSecond, long allBytesPerSecond, Duration unbound) {
  public RelayLimits {
    if (seats < 2 || seatsOfOne < 1 || bytesPerSecond < 1 || allBytesPerSecond < 1) {
      throw new IllegalArgumentException("a relay that passes nothing on");
    }
  }

  /// 100 Mbit/s for one, 1 Gbit/s for all.
  public static RelayLimits defaults() {
    return new RelayLimits(4096, 256, 12_500_000, 125_000_000, Duration.ofMinutes(2));
  }
}
