package io.atoll.vpn.gateway.tcp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Headers of TCP in memory. Any bytes are read without an error, and nothing beyond their end.
public final class TcpCodec {
  public static final int LEAST_BYTES = 20;
  public static final int MOST_BYTES = 60;

  /// Where the sum is.
  public static final int SUM_AT = 16;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int END = 0;
  private static final int NOTHING = 1;
  private static final int MSS = 2;
  private static final int SCALE = 3;
  private static final int SACK_PERMITTED = 4;
  private static final int SACK = 5;
  private static final int STAMPS = 8;

  private TcpCodec() {}

  /// How long a header is; 0 if it does not hold.
  ///
  /// @param length how many bytes are there, with the header
  public static int headerBytes(MemorySegment memory, long at, int length) {
    if (length < LEAST_BYTES) {
      return 0;
    }
    int bytes = (memory.get(BYTE, at + 12) >> 4 & 0xf) * 4;
    return bytes < LEAST_BYTES || bytes > length ? 0 : bytes;
  }

  /// Reads a header.
  ///
  /// @return null if it does not hold
  public static @Nullable TcpSegment read(MemorySegment memory, long at, int length) {
    int header = headerBytes(memory, at, length);
    if (header == 0) {
      return null;
    }
    return new TcpSegment(
        memory.get(BYTE, at + 13) & 0x3f,
        memory.get(INT, at + 4),
        memory.get(INT, at + 8),
        memory.get(SHORT, at + 14) & 0xffff,
        length - header,
        options(memory, at + LEAST_BYTES, at + header));
  }

  /// Options that do not hold end the list: what was read before them counts.
  private static TcpOptions options(MemorySegment memory, long from, long end) {
    if (from == end) {
      return TcpOptions.NONE;
    }
    int mss = 0;
    int scale = -1;
    boolean permitted = false;
    boolean stamped = false;
    int stamp = 0;
    int echo = 0;
    int[] sack = TcpOptions.NONE.sack();
    long at = from;
    while (at < end) {
      int kind = memory.get(BYTE, at);
      if (kind == NOTHING) {
        at++;
        continue;
      }
      int bytes = (kind == END || at + 2 > end) ? 0 : memory.get(BYTE, at + 1) & 0xff;
      if (bytes < 2 || at + bytes > end) {
        break;
      }
      if (kind == MSS && bytes == 4) {
        mss = memory.get(SHORT, at + 2) & 0xffff;
      } else if (kind == SCALE && bytes == 3) {
        scale = memory.get(BYTE, at + 2) & 0xff;
      } else if (kind == SACK_PERMITTED && bytes == 2) {
        permitted = true;
      } else if (kind == STAMPS && bytes == 10) {
        stamped = true;
        stamp = memory.get(INT, at + 2);
        echo = memory.get(INT, at + 6);
      } else if (kind == SACK && bytes % 8 == 2) {
        sack = new int[(bytes - 2) / 4];
        for (int i = 0; i < sack.length; i++) {
          sack[i] = memory.get(INT, at + 2 + 4L * i);
        }
      }
      at += bytes;
    }
    return new TcpOptions(mss, scale, permitted, stamped, stamp, echo, sack);
  }

  /// Writes a header; its sum is still zero.
  ///
  /// @return how long it is
  public static int write(
      MemorySegment memory, long at, int sourcePort, int targetPort, TcpSegment segment) {
    memory.set(SHORT, at, (short) sourcePort);
    memory.set(SHORT, at + 2, (short) targetPort);
    memory.set(INT, at + 4, segment.seq());
    memory.set(INT, at + 8, segment.ack());
    int bytes = LEAST_BYTES + write(memory, at + LEAST_BYTES, segment);
    memory.set(BYTE, at + 12, (byte) ((bytes / 4) << 4));
    memory.set(BYTE, at + 13, (byte) segment.flags());
    memory.set(SHORT, at + 14, (short) segment.window());
    memory.set(INT, at + SUM_AT, 0);
    return bytes;
  }

  private static int write(MemorySegment memory, long from, TcpSegment segment) {
    TcpOptions options = segment.options();
    long at = from;
    if (options.mss() > 0) {
      memory.set(INT, at, MSS << 24 | 4 << 16 | Math.min(options.mss(), 0xffff));
      at += 4;
    }
    if (options.scale() >= 0) {
      memory.set(INT, at, NOTHING << 24 | SCALE << 16 | 3 << 8 | options.scale());
      at += 4;
    }
    if (options.sackPermitted()) {
      memory.set(INT, at, NOTHING << 24 | NOTHING << 16 | SACK_PERMITTED << 8 | 2);
      at += 4;
    }
    if (options.stamped()) {
      memory.set(INT, at, NOTHING << 24 | NOTHING << 16 | STAMPS << 8 | 10);
      memory.set(INT, at + 4, options.stamp());
      memory.set(INT, at + 8, options.echo());
      at += 12;
    }
    int room = (int) (from + MOST_BYTES - LEAST_BYTES - at - 4) / 8 * 2;
    int[] sack = Arrays.copyOf(options.sack(), Math.min(options.sack().length, Math.max(0, room)));
    if (sack.length > 0) {
      memory.set(INT, at, NOTHING << 24 | NOTHING << 16 | SACK << 8 | (2 + 4 * sack.length));
      at += 4;
      for (int number : sack) {
        memory.set(INT, at, number);
        at += 4;
      }
    }
    return (int) (at - from);
  }
}
