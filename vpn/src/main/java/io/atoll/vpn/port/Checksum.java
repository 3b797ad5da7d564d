package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The sum of IP, TCP and UDP (RFC 1071): sixteen bits, one's complement. Sums are added up in the
/// order of bytes in which they are stored here, little-endian, which the sum does not mind; what
/// is a number (a length) is put into that order first.
public final class Checksum {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Checksum() {}

  /// Adds bytes to a sum that is not folded yet. Sums of pieces may be added up where each but the
  /// last has an even length.
  public static long add(MemorySegment memory, long offset, long length, long sum) {
    long all = sum;
    // So plain that the compiler makes vectors of it: unrolled by hand it takes four times as long.
    int words = (int) (length >>> 3);
    for (int i = 0; i < words; i++) {
      long word = memory.get(LONG, offset + i * 8L);
      all += (word & 0xffffffffL) + (word >>> 32);
    }
    long at = offset + words * 8L;
    long end = offset + length;
    if (at + 4 <= end) {
      all += Integer.toUnsignedLong(memory.get(INT, at));
      at += 4;
    }
    if (at + 2 <= end) {
      all += Short.toUnsignedLong(memory.get(SHORT, at));
      at += 2;
    }
    return at < end ? all + (memory.get(JAVA_BYTE, at) & 0xff) : all;
  }

  /// Sixteen bits of a sum, as they are stored.
  public static int fold(long sum) {
    long folded = (sum & 0xffffffffL) + (sum >>> 32);
    folded = (folded & 0xffffffffL) + (folded >>> 32);
    folded = (folded & 0xffff) + (folded >>> 16);
    folded = (folded & 0xffff) + (folded >>> 16);
    return (int) folded;
  }

  /// A number of 16 bits as it counts in a sum.
  public static long number(int value) {
    return Short.toUnsignedLong(Short.reverseBytes((short) value));
  }

  /// What the pseudo header counts.
  ///
  /// @param addresses where source and destination are, one behind the other
  /// @param bytes how long both are
  public static long pseudo(
      MemorySegment memory, long addresses, int bytes, int protocol, int length) {
    return add(memory, addresses, bytes, number(protocol) + number(length));
  }

  /// A sum with one number of 16 bits exchanged (RFC 1624).
  ///
  /// @param sum as stored in a header
  public static int changed(int sum, int before, int after) {
    return ~fold((~sum & 0xffffL) + (~number(before) & 0xffffL) + number(after)) & 0xffff;
  }

  static int stored(MemorySegment memory, long offset) {
    return Short.toUnsignedInt(memory.get(SHORT, offset));
  }

  /// Puts a folded sum where it belongs.
  public static void store(MemorySegment memory, long offset, int sum) {
    memory.set(SHORT, offset, (short) sum);
  }
}
