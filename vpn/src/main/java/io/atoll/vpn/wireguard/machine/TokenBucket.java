package io.atoll.vpn.wireguard.machine;

/// So many tokens a second, and a store of them for a burst. Used by one thread at a time.
final class TokenBucket {
  private final long nanosPerToken;
  private final long full;
  private long stored;
  private long last;
  private boolean begun;

  TokenBucket(long perSecond, long burst) {
    this.nanosPerToken = 1_000_000_000L / perSecond;
    this.full = burst * nanosPerToken;
    this.stored = full;
  }

  /// Takes so many tokens, or none.
  boolean take(long now, long tokens) {
    refill(now);
    if (stored < tokens * nanosPerToken) {
      return false;
    }
    stored -= tokens * nanosPerToken;
    return true;
  }

  /// How much of the store is left, in percent.
  int left(long now) {
    refill(now);
    return (int) (100 * stored / full);
  }

  private void refill(long now) {
    if (begun && now > last) {
      // No overflow: what is over the store's size is lost anyway.
      stored = Math.min(full, stored + Math.min(full, now - last));
    }
    last = begun ? Math.max(last, now) : now;
    begun = true;
  }
}
