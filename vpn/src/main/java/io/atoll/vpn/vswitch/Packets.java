package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.port.Checksum;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Packets that the switch makes by itself, and what it reads of those it is sent.
final class Packets {
  static final int ICMP = 1;
  static final int UDP = 17;
  static final int ICMP6 = 58;
  static final int ETHERNET_BYTES = 14;
  static final int TYPE_V4 = 0x0800;
  static final int TYPE_ARP = 0x0806;
  static final int TYPE_V6 = 0x86dd;
  static final int V4_BYTES = 20;
  static final int V6_BYTES = 40;
  static final int UDP_BYTES = 8;

  /// Neighbour discovery wants it: nobody has passed the packet on (RFC 4861 §7.1).
  private static final int HOPS = 255;

  private Packets() {}

  static byte[] frame(MacAddress to, MacAddress from, int type, byte[] packet) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + packet.length);
    to.write(frame);
    from.write(frame);
    return frame.putShort((short) type).put(packet).array();
  }

  /// A datagram from one address to another of the same family.
  static byte[] udp(IpAddress from, int fromPort, IpAddress to, int toPort, byte[] payload) {
    ByteBuffer datagram = ByteBuffer.allocate(UDP_BYTES + payload.length);
    datagram.putShort((short) fromPort).putShort((short) toPort);
    datagram.putShort((short) datagram.capacity()).putShort((short) 0).put(payload);
    int sum = sum(from, to, UDP, datagram.array());
    // Zero would say that there is none (RFC 768).
    store(datagram.array(), 6, sum == 0 ? 0xffff : sum);
    return ip(from, to, UDP, datagram.array());
  }

  /// A message of ICMP or, between addresses of IPv6, of ICMPv6.
  ///
  /// @param body with the four bytes behind the sum
  static byte[] icmp(IpAddress from, IpAddress to, int type, int code, byte[] body) {
    byte[] message =
        ByteBuffer.allocate(4 + body.length)
            .put((byte) type)
            .put((byte) code)
            .putShort((short) 0)
            .put(body)
            .array();
    if (from.isV4()) {
      store(message, 2, ~Checksum.fold(sum(message, 0, message.length, 0)) & 0xffff);
      return ip(from, to, ICMP, message);
    }
    store(message, 2, sum(from, to, ICMP6, message));
    return ip(from, to, ICMP6, message);
  }

  private static byte[] ip(IpAddress from, IpAddress to, int protocol, byte[] carried) {
    if (from.isV4()) {
      ByteBuffer packet = ByteBuffer.allocate(V4_BYTES + carried.length);
      packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
      packet.putInt(0).put((byte) HOPS).put((byte) protocol).putShort((short) 0);
      packet.put(from.bytes()).put(to.bytes()).put(carried);
      byte[] bytes = packet.array();
      store(bytes, 10, ~Checksum.fold(sum(bytes, 0, V4_BYTES, 0)) & 0xffff);
      return bytes;
    }
    ByteBuffer packet = ByteBuffer.allocate(V6_BYTES + carried.length);
    packet.putInt(0x6000_0000).putShort((short) carried.length);
    packet.put((byte) protocol).put((byte) HOPS);
    return packet.put(from.bytes()).put(to.bytes()).put(carried).array();
  }

  /// The sum of a datagram or a message with the pseudo header, as it is stored.
  private static int sum(IpAddress from, IpAddress to, int protocol, byte[] carried) {
    long addresses = sum(from.bytes(), 0, from.width() / 8, sum(to.bytes(), 0, to.width() / 8, 0));
    long pseudo = addresses + Checksum.number(protocol) + Checksum.number(carried.length);
    return ~Checksum.fold(sum(carried, 0, carried.length, pseudo)) & 0xffff;
  }

  private static long sum(byte[] bytes, int from, int length, long before) {
    return Checksum.add(MemorySegment.ofArray(bytes), from, length, before);
  }

  /// Puts a sum where it belongs, in the order of bytes that [Checksum] has.
  private static void store(byte[] bytes, int at, int sum) {
    bytes[at] = (byte) sum;
    bytes[at + 1] = (byte) (sum >>> 8);
  }

  /// Whether the sum of what a packet carries is right; of a UDP datagram of IPv4 it may be none.
  static boolean summed(IpAddress from, IpAddress to, int protocol, byte[] carried) {
    if (protocol == ICMP) {
      return Checksum.fold(sum(carried, 0, carried.length, 0)) == 0xffff;
    }
    return sum(from, to, protocol, carried) == 0;
  }
}
