package io.atoll.vpn.wireguard;

import java.nio.ByteBuffer;

/// Inner packets for tests: headers that are right, and a number inside to know them by.
final class Packets {
  private Packets() {}

  /// UDP of IPv4, whose checksums nobody here looks at.
  static byte[] v4(int from, int to, int length, long number) {
    return ByteBuffer.allocate(length)
        .put(0, (byte) 0x45)
        .putShort(2, (short) length)
        .put(8, (byte) 64)
        .put(9, (byte) 17)
        .putInt(12, from)
        .putInt(16, to)
        .putLong(20, number)
        .array();
  }

  static byte[] v6(long from, long to, int length, long number) {
    return ByteBuffer.allocate(length)
        .put(0, (byte) 0x60)
        .putShort(4, (short) (length - 40))
        .put(6, (byte) 17)
        .putLong(8, 0xfd00_0007_0000_0000L)
        .putLong(16, from)
        .putLong(24, 0xfd00_0007_0000_0000L)
        .putLong(32, to)
        .putLong(40, number)
        .array();
  }

  static long number4(byte[] packet) {
    return ByteBuffer.wrap(packet).getLong(20);
  }
}
