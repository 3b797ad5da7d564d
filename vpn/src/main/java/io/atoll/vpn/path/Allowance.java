package io.atoll.vpn.path;

/// So much a second, and so much at once. Times are nanoseconds of a clock that only grows.
public final class Allowance {
  private static final double SECOND = 1e9;

  private final double perNano;
  private final double most;
  private double left;
  private long last = Long.MIN_VALUE;

  public Allowance(long perSecond, long atOnce) {
    this.perNano = perSecond / SECOND;
    this.most = atOnce;
    this.left = atOnce;
  }

  /// Takes so much, or nothing.
  public synchronized boolean take(long now, long amount) {
    if (last != Long.MIN_VALUE && now > last) {
      left = Math.min(most, left + (now - last) * perNano);
    }
    last = Math.max(last, now);
    if (left < amount) {
      return false;
    }
    left -= amount;
    return true;
  }
}
