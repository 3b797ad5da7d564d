package io.atoll.vpn.gateway.tcp;

/// How much may be on its way (RFC 5681, counted in bytes as RFC 3465 wants it).
final class Congestion {
  private static final long MOST = 1L << 30;

  private long window;
  private long threshold = MOST;
  private long acknowledged;

  /// Begins with ten segments (RFC 6928), or with one where the first had to be sent again.
  void begin(int mss, boolean lost) {
    window = lost ? mss : Math.min(10L * mss, Math.max(2L * mss, 14_600));
  }

  long window() {
    return window;
  }

  boolean slowStart() {
    return window < threshold;
  }

  /// New bytes have arrived, and the window was in use.
  void acknowledged(long bytes, int mss) {
    long rest = bytes;
    if (slowStart()) {
      long grown = Math.min(rest, threshold - window);
      window = Math.min(MOST, window + grown);
      rest -= grown;
    }
    acknowledged += rest;
    if (acknowledged >= window) {
      acknowledged -= window;
      window = Math.min(MOST, window + mss);
    }
  }

  /// A loss was seen while others arrived.
  void lost(long flight, int mss) {
    threshold = Math.max(flight / 2, 2L * mss);
    window = threshold;
    acknowledged = 0;
  }

  /// Nothing arrives any more.
  ///
  /// @param again whether it has been so since the last time
  void silent(long flight, int mss, boolean again) {
    if (!again) {
      threshold = Math.max(flight / 2, 2L * mss);
    }
    window = mss;
    acknowledged = 0;
  }

  /// After a pause nothing is known of the way (RFC 5681 §4.1).
  void idle(int mss) {
    window = Math.min(window, Math.min(10L * mss, Math.max(2L * mss, 14_600)));
  }
}
