package io.atoll.vpn.node;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Network;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Packets of guests: what members send one another, and what an enemy would. The last bytes of
/// each say who made it, in which network.
final class Packet {
  private static final long MAGIC = 0x61746f6c6c2d6973L;
  private static final int MARK = 20;

  private final Random random;

  Packet(Random random) {
    this.random = random;
  }

  /// Who made a packet.
  record Mark(int network, int sender) {}

  /// The mark in a packet, or in what is quoted of one; null if there is none.
  static @Nullable Mark mark(byte[] packet) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    for (int at = packet.length - MARK; at >= 20; at--) {
      if (in.getLong(at) == MAGIC && in.getInt(at + 8) == ~in.getInt(at + 12)) {
        return new Mark(in.getInt(at + 8) >>> 16, in.getInt(at + 8) & 0xffff);
      }
      if (at < packet.length - MARK - 64) {
        break;
      }
    }
    return null;
  }

  static IpAddress source(byte[] packet) {
    boolean four = (packet[0] & 0xf0) == 0x40;
    return IpAddress.of(Arrays.copyOfRange(packet, four ? 12 : 8, four ? 16 : 24));
  }

  byte[] next(Isolation.Guest from, Network network) {
    boolean four = random.nextInt(3) > 0;
    IpAddress own = four ? from.member().v4() : from.member().v6();
    IpAddress base = four ? network.v4().base() : network.v6().base();
    IpAddress source = random.nextInt(5) == 0 ? base.plus(random.nextInt(8)) : own;
    IpAddress to =
        switch (random.nextInt(16)) {
          case 0 -> four ? network.v4().last() : IpAddress.parse("ff02::1");
          case 1 -> IpAddress.parse(four ? "239.1.2.3" : "ff0e::7");
          case 2 -> base.plus(1);
          case 3 -> base.plus(7 + random.nextInt(200));
          case 4 -> IpAddress.parse(four ? "192.0.2.1" : "2001:db8::1");
          case 5 -> new IpAddress(random.nextLong(), random.nextLong());
          default -> base.plus(2 + random.nextInt(5));
        };
    if (to.isV4() != four) {
      to = base.plus(3);
    }
    byte[] packet = packet(from, source, to, four, random.nextInt(200));
    return random.nextInt(10) == 0 ? damaged(packet) : packet;
  }

  private byte[] packet(Isolation.Guest from, IpAddress source, IpAddress to, boolean four, int n) {
    int header = four ? 20 : 40;
    int length = header + 8 + n + MARK;
    ByteBuffer out = ByteBuffer.allocate(length);
    if (four) {
      out.putInt(0x4500 << 16 | length).putInt(0x4000).putInt(64 << 24 | 17 << 16);
    } else {
      out.putInt(0x6000_0000).putShort((short) (length - header)).put((byte) 17).put((byte) 64);
    }
    out.put(source.bytes()).put(to.bytes());
    out.putShort((short) 1000).putShort((short) (random.nextInt(8) == 0 ? 53 : 2000));
    out.putShort((short) (length - header)).putShort((short) 0);
    byte[] some = new byte[n];
    random.nextBytes(some);
    int who = from.network() << 16 | from.number();
    out.put(some).putLong(MAGIC).putInt(who).putInt(~who).putInt(random.nextInt());
    return out.array();
  }

  /// All but the mark may change, and the addresses may be anybody's.
  private byte[] damaged(byte[] packet) {
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      packet[random.nextInt(packet.length - MARK)] = (byte) random.nextInt(256);
    }
    return packet;
  }
}
