package io.atoll.vpn.gateway.tcp;

/// How long to wait for an answer (RFC 6298), in nanoseconds.
final class RoundTrip {
  private static final long MILLI = 1_000_000;
  private static final long FIRST = 1000 * MILLI;
  private static final long LEAST = 200 * MILLI;
  private static final long MOST = 60_000 * MILLI;

  private long smoothed = -1;
  private long variation;
  private long timeout = FIRST;
  private int backoff;

  void sample(long nanos) {
    long measured = Math.max(0, nanos);
    if (smoothed < 0) {
      smoothed = measured;
      variation = measured / 2;
    } else {
      variation += (Math.abs(smoothed - measured) - variation) / 4;
      smoothed += (measured - smoothed) / 8;
    }
    timeout = Math.clamp(smoothed + Math.max(MILLI, 4 * variation), LEAST, MOST);
    backoff = 0;
  }

  void backOff() {
    backoff = Math.min(backoff + 1, 16);
  }

  /// Something was acknowledged that may be of a second sending: no measure, but a sign of life.
  void progressed() {
    backoff = 0;
  }

  long timeout() {
    return Math.min(MOST, timeout << backoff);
  }

  /// -1 as long as nothing was measured.
  long smoothed() {
    return smoothed;
  }
}
