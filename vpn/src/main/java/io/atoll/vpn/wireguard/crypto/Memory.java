package io.atoll.vpn.wireguard.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Memory by its address. Nothing is checked here: callers know their buffers.
public final class Memory {
  /// All of the address space. A segment of its own for each packet would be garbage.
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfInt INT_LE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG_LE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT_BE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG_BE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT_BE =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Memory() {}

  /// All of the address space, for who wants a segment and has an address, which is the offset.
  public static MemorySegment all() {
    return ALL;
  }

  public static int byteAt(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
  }

  public static int intLe(long address) {
    return ALL.get(INT_LE, address);
  }

  public static long longLe(long address) {
    return ALL.get(LONG_LE, address);
  }

  public static int shortBe(long address) {
    return ALL.get(SHORT_BE, address) & 0xffff;
  }

  public static int intBe(long address) {
    return ALL.get(INT_BE, address);
  }

  public static long longBe(long address) {
    return ALL.get(LONG_BE, address);
  }

  public static void putIntLe(long address, int value) {
    ALL.set(INT_LE, address, value);
  }

  public static void putLongLe(long address, long value) {
    ALL.set(LONG_LE, address, value);
  }

  public static void putZeros(long address, int count) {
    for (int i = 0; i < count; i++) {
      ALL.set(ValueLayout.JAVA_BYTE, address + i, (byte) 0);
    }
  }

  /// Of pieces that do not overlap, or are the same.
  public static void copy(long from, long to, int length) {
    MemorySegment.copy(ALL, from, ALL, to, length);
  }

  public static void copy(long from, byte[] to, int length) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, 0, length);
  }

  public static void copy(byte[] from, long to, int length) {
    MemorySegment.copy(from, 0, ALL, ValueLayout.JAVA_BYTE, to, length);
  }
}
