package io.atoll.vpn.vswitch;

/// How many messages of errors one member is told: so many a second, and a store for a burst (RFC
/// 1812 §4.3.2.8). One thread.
final class MessageBudget {
  private static final int BURST = 50;
  private static final long NANOS = 1_000_000_000L / 100;

  private long stored = BURST * NANOS;
  private long last;
  private boolean begun;

  boolean take(long now) {
    if (begun && now > last) {
      stored = Math.min(BURST * NANOS, stored + Math.min(BURST * NANOS, now - last));
    }
    last = begun ? Math.max(last, now) : now;
    begun = true;
    if (stored < NANOS) {
      return false;
    }
    stored -= NANOS;
    return true;
  }
}
