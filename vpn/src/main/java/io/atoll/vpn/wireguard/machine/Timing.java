package io.atoll.vpn.wireguard.machine;

/// The constants of the protocol (whitepaper §6.1), in nanoseconds and messages.
public final class Timing {
  private static final long SECOND = 1_000_000_000L;

  /// After this, or so many messages, the initiator of a session begins the next.
  public static final long REKEY_AFTER_TIME = 120 * SECOND;

  public static final long REKEY_AFTER_MESSAGES = 1L << 60;

  /// After this, or so many messages, a session neither sends nor receives. The whitepaper's
  /// 2^64 - 2^13 - 1 would need counters without a sign; no key lives to see the difference.
  public static final long REJECT_AFTER_TIME = 180 * SECOND;

  public static final long REJECT_AFTER_MESSAGES = Long.MAX_VALUE - (1L << 13);

  /// Between two tries of a handshake.
  public static final long REKEY_TIMEOUT = 5 * SECOND;

  /// Added to that, at random, so that two sides do not fall into step.
  public static final long JITTER = SECOND / 3;

  /// For so long a handshake is tried; then what waits for it is dropped.
  public static final long REKEY_ATTEMPT_TIME = 90 * SECOND;

  /// Whoever received data and has nothing to say says so after this.
  public static final long KEEPALIVE_TIMEOUT = 10 * SECOND;

  /// Between two initiations that are taken from one peer.
  public static final long INITIATION_INTERVAL = SECOND / 50;

  /// Keys that nothing replaced are wiped.
  public static final long WIPE_AFTER = 3 * REJECT_AFTER_TIME;

  /// How often a handshake is tried again.
  static final int RETRIES = (int) (REKEY_ATTEMPT_TIME / REKEY_TIMEOUT);

  private Timing() {}
}
