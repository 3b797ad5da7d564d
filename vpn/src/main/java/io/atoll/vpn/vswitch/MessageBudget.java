package io.atoll.vpn.vswitch;

/// How much of something one member may: so much a second, and a store for a burst. One thread.
final class MessageBudget {
  private static final double NANOS = 1e9;

  private final double burst;
  private final double each;
  private double stored;
  private long last;
  private boolean begun;

  MessageBudget(long burst, long each) {
    this.burst = burst;
    this.each = each / NANOS;
    this.stored = burst;
  }

  /// Messages of errors that a member is told (RFC 1812 §4.3.2.8).
  static MessageBudget ofErrors() {
    return new MessageBudget(50, 100);
  }

  /// Questions to the switch: ARP, neighbours, DHCP, names, echoes.
  static MessageBudget ofQuestions() {
    return new MessageBudget(1_000, 500);
  }

  /// Packets for everybody, each of which becomes one for each member here and each other node.
  static MessageBudget ofGroups() {
    return new MessageBudget(4_000, 2_000);
  }

  /// Bytes of those.
  static MessageBudget ofGroupBytes() {
    return new MessageBudget(2 << 20, 8 << 20);
  }

  boolean take(long now) {
    return take(now, 1);
  }

  boolean take(long now, long much) {
    if (begun && now > last) {
      stored = Math.min(burst, stored + (now - last) * each);
    }
    last = begun ? Math.max(last, now) : now;
    begun = true;
    if (stored < much) {
      return false;
    }
    stored -= much;
    return true;
  }
}
