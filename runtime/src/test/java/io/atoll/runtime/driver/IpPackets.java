package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.IpAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Packets of IP as the tests need them, written and read by hand: echo requests and UDP.
final class IpPackets {
  static final int ICMP = 1;
  static final int UDP = 17;
  static final int ICMP6 = 58;

  private IpPackets() {}

  /// What a test looks at in a packet that came.
  ///
  /// @param payload behind the header of IP
  record Seen(int protocol, IpAddress from, IpAddress to, byte[] payload) {
    /// Whether it is the answer to [#echo] with these bytes.
    boolean answers(byte[] data) {
      int wanted = from.isV4() ? 0 : 129;
      return (protocol == ICMP || protocol == ICMP6)
          && payload.length > 8
          && payload[0] == (byte) wanted
          && Arrays.equals(data, 0, data.length, payload, 8, payload.length);
    }

    boolean udpTo(int port) {
      return protocol == UDP && payload.length >= 8 && number(payload, 2) == port;
    }

    int sourcePort() {
      return number(payload, 0);
    }

    String text() {
      return new String(payload, 8, payload.length - 8, UTF_8);
    }
  }

  static byte[] echo(IpAddress from, IpAddress to, byte[] data) {
    ByteBuffer icmp = ByteBuffer.allocate(8 + data.length);
    icmp.put((byte) (from.isV4() ? 8 : 128)).put((byte) 0).putShort((short) 0);
    icmp.putShort((short) 77).putShort((short) 1).put(data);
    return packet(from, to, from.isV4() ? ICMP : ICMP6, icmp.array(), 2);
  }

  /// @param rest flags, target and options of a neighbour advertisement
  static byte[] advertisement(IpAddress from, IpAddress to, byte[] rest) {
    ByteBuffer icmp = ByteBuffer.allocate(4 + rest.length);
    byte[] packet =
        packet(from, to, ICMP6, icmp.put((byte) 136).put(new byte[3]).put(rest).array(), 2);
    packet[7] = (byte) 255; // no router has touched it
    return packet;
  }

  static byte[] udp(IpAddress from, int source, IpAddress to, int port, String text) {
    byte[] data = text.getBytes(UTF_8);
    ByteBuffer udp = ByteBuffer.allocate(8 + data.length);
    udp.putShort((short) source).putShort((short) port);
    udp.putShort((short) (8 + data.length)).putShort((short) 0).put(data);
    return packet(from, to, UDP, udp.array(), 6);
  }

  /// @param sumAt where the payload's checksum goes
  private static byte[] packet(
      IpAddress from, IpAddress to, int protocol, byte[] payload, int sumAt) {
    boolean six = !from.isV4();
    int pseudo = protocol == ICMP ? 0 : pseudoHeader(from, to, protocol, payload.length);
    int sum = sum(payload, pseudo);
    ByteBuffer.wrap(payload).putShort(sumAt, (short) (sum == 0 && protocol == UDP ? -1 : sum));
    ByteBuffer packet = ByteBuffer.allocate((six ? 40 : 20) + payload.length);
    if (six) {
      packet.putInt(6 << 28).putShort((short) payload.length).put((byte) protocol).put((byte) 64);
      packet.put(from.bytes()).put(to.bytes());
    } else {
      packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putInt(0);
      packet.put((byte) 64).put((byte) protocol).putShort((short) 0);
      packet.put(from.bytes()).put(to.bytes());
      packet.putShort(10, (short) sum(Arrays.copyOf(packet.array(), 20), 0));
    }
    return packet.put(payload).array();
  }

  private static int pseudoHeader(IpAddress from, IpAddress to, int protocol, int length) {
    ByteBuffer header = ByteBuffer.allocate(2 * from.width() / 8 + 8);
    header.put(from.bytes()).put(to.bytes()).putInt(length).putInt(protocol);
    return ~sum(header.array(), 0) & 0xffff;
  }

  private static int sum(byte[] bytes, int begin) {
    int sum = begin;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }

  static Seen read(byte[] packet) {
    boolean six = packet[0] >>> 4 == 6;
    int head = six ? 40 : (packet[0] & 15) * 4;
    int width = six ? 16 : 4;
    int at = six ? 8 : 12;
    return new Seen(
        packet[six ? 6 : 9] & 0xff,
        IpAddress.of(Arrays.copyOfRange(packet, at, at + width)),
        IpAddress.of(Arrays.copyOfRange(packet, at + width, at + 2 * width)),
        Arrays.copyOfRange(packet, head, packet.length));
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }
}
