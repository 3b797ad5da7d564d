package io.atoll.vpn.wireguard;

import java.nio.ByteBuffer;

/// Packets that a kernel takes: ICMP echo of IPv4 and IPv6, with their checksums.
final class InnerPackets {
  private static final int DATA = 56;

  private InnerPackets() {}

  /// An echo request from 10.7.0.1 to 10.7.0.2.
  static byte[] echo4(int number) {
    ByteBuffer packet = ByteBuffer.allocate(28 + DATA);
    packet.put(0, (byte) 0x45).putShort(2, (short) packet.capacity());
    packet.put(8, (byte) 64).put(9, (byte) 1).putInt(12, 0x0a070001).putInt(16, 0x0a070002);
    packet.putShort(10, checksum(packet, 0, 20, 0));
    packet.put(20, (byte) 8).putShort(24, (short) 0x7464).putShort(26, (short) number);
    packet.putShort(22, checksum(packet, 20, 8 + DATA, 0));
    return packet.array();
  }

  /// The same of IPv6, from fd00:7::1 to fd00:7::2.
  static byte[] echo6(int number) {
    ByteBuffer packet = ByteBuffer.allocate(48 + DATA);
    packet.put(0, (byte) 0x60).putShort(4, (short) (8 + DATA)).put(6, (byte) 58).put(7, (byte) 64);
    packet.putLong(8, 0xfd00_0007_0000_0000L).putLong(16, 1);
    packet.putLong(24, 0xfd00_0007_0000_0000L).putLong(32, 2);
    packet.put(40, (byte) 128).putShort(44, (short) 0x7464).putShort(46, (short) number);
    packet.putShort(42, checksum(packet, 8, 40 + DATA, 58 + 8 + DATA));
    return packet.array();
  }

  /// The number of an echo reply, -1 for anything else.
  static int reply(byte[] packet) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    boolean four = packet[0] >> 4 == 4 && packet[9] == 1 && packet[20] == 0;
    boolean six = (packet[0] & 0xf0) == 0x60 && packet[6] == 58 && packet[40] == (byte) 129;
    return four ? in.getShort(26) & 0xffff : six ? in.getShort(46) & 0xffff : -1;
  }

  static boolean isUdp4(byte[] packet) {
    return packet[0] >> 4 == 4 && packet[9] == 17;
  }

  /// The same back to its sender: addresses and ports change places, so no sum changes.
  static byte[] returned(byte[] packet) {
    byte[] back = packet.clone();
    ByteBuffer from = ByteBuffer.wrap(packet);
    ByteBuffer to = ByteBuffer.wrap(back);
    to.putInt(12, from.getInt(16)).putInt(16, from.getInt(12));
    to.putShort(20, from.getShort(22)).putShort(22, from.getShort(20));
    return back;
  }

  private static short checksum(ByteBuffer packet, int at, int length, int start) {
    int sum = start;
    for (int i = 0; i < length; i += 2) {
      sum += packet.getShort(at + i) & 0xffff;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
