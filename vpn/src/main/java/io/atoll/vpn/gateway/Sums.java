package io.atoll.vpn.gateway;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The sum of IP, TCP and UDP (RFC 1071), in the order of bytes of the memory, little-endian.
final class Sums {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Sums() {}

  static long add(MemorySegment memory, long offset, long length, long before) {
    long first = before;
    long second = 0;
    long at = offset;
    long end = offset + length;
    for (; at + 16 <= end; at += 16) {
      long a = memory.get(LONG, at);
      long b = memory.get(LONG, at + 8);
      first += (a & 0xffffffffL) + (a >>> 32);
      second += (b & 0xffffffffL) + (b >>> 32);
    }
    first += second;
    for (; at + 2 <= end; at += 2) {
      first += Short.toUnsignedLong(memory.get(SHORT, at));
    }
    return at < end ? first + (memory.get(JAVA_BYTE, at) & 0xff) : first;
  }

  /// What the pseudo header counts.
  ///
  /// @param addresses where source and destination are, one behind the other
  static long pseudo(MemorySegment memory, long addresses, int bytes, int protocol, int length) {
    return add(memory, addresses, bytes, number(protocol) + number(length));
  }

  private static long number(int value) {
    return Short.toUnsignedLong(Short.reverseBytes((short) value));
  }

  static int fold(long sum) {
    long folded = (sum & 0xffffffffL) + (sum >>> 32);
    folded = (folded & 0xffffffffL) + (folded >>> 32);
    folded = (folded & 0xffff) + (folded >>> 16);
    return (int) ((folded & 0xffff) + (folded >>> 16));
  }

  static void store(MemorySegment memory, long offset, int sum) {
    memory.set(SHORT, offset, (short) sum);
  }
}
