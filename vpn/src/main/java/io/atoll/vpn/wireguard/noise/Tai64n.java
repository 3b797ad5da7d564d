package io.atoll.vpn.wireguard.noise;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/// Timestamps of initiations: TAI64N, 8 bytes of seconds and 4 of nanoseconds, big-endian, which
/// sort as unsigned bytes. The last 24 bits are left out, so that a clock says less about its
/// machine.
public final class Tai64n {
  public static final int BYTES = 12;
  private static final long BASE = 0x400000000000000aL;
  private static final int KEPT = ~0xffffff;

  private Tai64n() {}

  public static byte[] of(Instant time) {
    return ByteBuffer.allocate(BYTES)
        .putLong(BASE + time.getEpochSecond())
        .putInt(time.getNano() & KEPT)
        .array();
  }

  /// Now, or the next after the last if the clock has jumped back: the other side takes nothing
  /// that is not later than what it has seen.
  public static byte[] after(byte[] last, Instant now) {
    byte[] stamp = of(now);
    if (later(stamp, last)) {
      return stamp;
    }
    ByteBuffer before = ByteBuffer.wrap(last);
    long seconds = before.getLong(0);
    long nanos = (before.getInt(8) & KEPT) + 0x1000000L;
    if (nanos >= 1_000_000_000L) {
      seconds++;
      nanos = 0;
    }
    return ByteBuffer.allocate(BYTES).putLong(seconds).putInt((int) nanos).array();
  }

  public static boolean later(byte[] stamp, byte[] than) {
    return Arrays.compareUnsigned(stamp, than) > 0;
  }
}
