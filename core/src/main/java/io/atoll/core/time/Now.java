package io.atoll.core.time;

import java.time.Duration;
import java.time.Instant;

/// One reading of both clocks. Leases and timeouts compare `nanos`, which only grows; people read
/// `wall`, which may jump.
///
/// @param nanos monotonic time in nanoseconds since an arbitrary origin
/// @param wall wall-clock time
public record Now(long nanos, Instant wall) {

  /// Reads the clocks of this machine.
  public static Now read() {
    return new Now(System.nanoTime(), Instant.now());
  }

  public Duration since(Now earlier) {
    return Duration.ofNanos(nanos - earlier.nanos);
  }

  public Now plus(Duration duration) {
    return new Now(nanos + duration.toNanos(), wall.plus(duration));
  }
}
