package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Packets as a textbook makes, checks and cuts them: byte by byte, and without a line of what it
/// is held against.
final class Packets {
  static final int TCP = 6;
  static final int UDP = 17;
  static final int ACK = 0x10;
  static final int PSH = 0x08;

  private Packets() {}

  /// @param options of TCP, of a length that 4 divides
  record Flow(
      InetAddress from, InetAddress to, int fromPort, int toPort, boolean tcp, byte[] options) {
    int version() {
      return from instanceof Inet4Address ? 4 : 6;
    }
  }

  static Flow flow(String from, String to, int port, boolean tcp) {
    try {
      return new Flow(
          InetAddress.getByName(from), InetAddress.getByName(to), 4321, port, tcp, new byte[0]);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// @param id of IPv4; below zero: it may not be fragmented, and the id is 0
  static byte[] make(Flow flow, int id, int sequence, int flags, byte[] payload) {
    int ip = flow.version() == 4 ? 20 : 40;
    int transport = flow.tcp ? 20 + flow.options.length : 8;
    ByteBuffer packet = ByteBuffer.allocate(ip + transport + payload.length);
    if (ip == 20) {
      packet.put(0, (byte) 0x45).putShort(2, (short) packet.capacity());
      packet.putShort(4, (short) Math.max(0, id)).putShort(6, (short) (id < 0 ? 0x4000 : 0));
      packet.put(8, (byte) 64).put(9, (byte) (flow.tcp ? TCP : UDP));
      packet.put(12, flow.from.getAddress()).put(16, flow.to.getAddress());
    } else {
      packet.put(0, (byte) 0x60).putShort(4, (short) (transport + payload.length));
      packet.put(6, (byte) (flow.tcp ? TCP : UDP)).put(7, (byte) 64);
      packet.put(8, flow.from.getAddress()).put(24, flow.to.getAddress());
    }
    packet.putShort(ip, (short) flow.fromPort).putShort(ip + 2, (short) flow.toPort);
    if (flow.tcp) {
      packet.putInt(ip + 4, sequence).putInt(ip + 8, 77).put(ip + 12, (byte) (transport << 2));
      packet.put(ip + 13, (byte) flags).putShort(ip + 14, (short) 500);
      packet.put(ip + 20, flow.options);
    } else {
      packet.putShort(ip + 4, (short) (8 + payload.length));
    }
    packet.put(ip + transport, payload);
    sum(packet.array());
    return packet.array();
  }

  /// Makes the sums of a packet without extensions.
  static void sum(byte[] packet) {
    ByteBuffer at = ByteBuffer.wrap(packet);
    int ip = ip(packet);
    if (ip != 40) {
      at.putShort(10, (short) 0);
      at.putShort(10, (short) ~ones(packet, 0, ip, 0));
    }
    int sumAt = ip + (protocol(packet) == TCP ? 16 : 6);
    at.putShort(sumAt, (short) 0);
    int sum = ~ones(packet, ip, packet.length, pseudo(packet)) & 0xffff;
    at.putShort(sumAt, (short) (sum == 0 && protocol(packet) == UDP ? 0xffff : sum));
  }

  /// What is wrong with a packet's sums and lengths; empty if nothing.
  static String fault(byte[] packet) {
    ByteBuffer at = ByteBuffer.wrap(packet);
    int ip = ip(packet);
    if (ip != 40 && Short.toUnsignedInt(at.getShort(2)) != packet.length) {
      return "length of IPv4";
    }
    if (ip == 40 && Short.toUnsignedInt(at.getShort(4)) != packet.length - 40) {
      return "length of IPv6";
    }
    if (ip != 40 && ones(packet, 0, ip, 0) != 0xffff) {
      return "sum of IPv4";
    }
    if (protocol(packet) == UDP && Short.toUnsignedInt(at.getShort(ip + 4)) != packet.length - ip) {
      return "length of UDP";
    }
    return ones(packet, ip, packet.length, pseudo(packet)) == 0xffff ? "" : "sum of TCP or UDP";
  }

  /// What a super-packet is to become.
  static List<byte[]> cut(byte[] whole, int gso) {
    int ip = ip(whole);
    boolean tcp = protocol(whole) == TCP;
    int header = header(whole);
    List<byte[]> packets = new ArrayList<>();
    for (int done = 0; done == 0 || done < whole.length - header; done += gso) {
      int part = Math.min(gso, whole.length - header - done);
      byte[] packet = Arrays.copyOf(whole, header + part);
      System.arraycopy(whole, header + done, packet, header, part);
      ByteBuffer at = ByteBuffer.wrap(packet);
      boolean last = done + part == whole.length - header;
      if (ip == 40) {
        at.putShort(4, (short) (packet.length - 40));
      } else {
        at.putShort(2, (short) packet.length);
        at.putShort(4, (short) (at.getShort(4) + packets.size()));
      }
      if (tcp) {
        at.putInt(ip + 4, at.getInt(ip + 4) + done);
        int flags = at.get(ip + 13) & (last ? 0xff : 0xf6) & (done == 0 ? 0xff : 0x7f);
        at.put(ip + 13, (byte) flags);
      } else {
        at.putShort(ip + 4, (short) (8 + part));
      }
      sum(packet);
      packets.add(packet);
    }
    return packets;
  }

  /// Leaves the sum of a packet to be made, as a kernel does: its pseudo header is summed only.
  static byte[] unsummed(byte[] packet) {
    byte[] copy = packet.clone();
    int sumAt = ip(copy) + (protocol(copy) == TCP ? 16 : 6);
    ByteBuffer.wrap(copy).putShort(sumAt, (short) pseudo(copy));
    return copy;
  }

  static int ip(byte[] packet) {
    return packet[0] >> 4 == 6 ? 40 : (packet[0] & 0xf) * 4;
  }

  static int protocol(byte[] packet) {
    return packet[ip(packet) == 40 && packet[0] >> 4 == 6 ? 6 : 9];
  }

  static int header(byte[] packet) {
    int ip = ip(packet);
    return protocol(packet) == TCP ? ip + ((packet[ip + 12] & 0xf0) >> 2) : ip + 8;
  }

  static byte[] payload(byte[] packet) {
    return Arrays.copyOfRange(packet, header(packet), packet.length);
  }

  private static int pseudo(byte[] packet) {
    int ip = ip(packet);
    ByteBuffer header = ByteBuffer.allocate(36 + 4);
    header.put(packet, ip == 40 ? 8 : 12, ip == 40 ? 32 : 8);
    header.putInt(protocol(packet)).putInt(packet.length - ip);
    return ones(header.array(), 0, header.position(), 0);
  }

  private static int ones(byte[] bytes, int from, int to, int start) {
    int sum = start;
    for (int i = from; i < to; i++) {
      sum += (bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }

  /// Adds a packet that needs nothing.
  static void add(PacketBatch batch, byte[] packet) {
    batch.add(put(batch, packet), packet.length);
  }

  /// Adds a packet whose sum is to be made, or a super-packet.
  ///
  /// @param gso 0: it is one packet
  /// @param link what stands before the packet of IP
  static void addUnsummed(PacketBatch batch, byte[] packet, int gso, byte[] link) {
    byte[] left = unsummed(packet);
    byte[] frame = Arrays.copyOf(link, link.length + left.length);
    System.arraycopy(left, 0, frame, link.length, left.length);
    boolean tcp = protocol(packet) == TCP;
    batch.add(
        put(batch, frame),
        frame.length,
        gso == 0 ? Segmentation.NONE : Segmentation.of(packet[0] >> 4, tcp),
        gso,
        link.length + ip(packet),
        tcp ? 16 : 6);
  }

  static int put(PacketBatch batch, byte[] bytes) {
    int at = batch.place(bytes.length);
    java.lang.foreign.MemorySegment.copy(bytes, 0, batch.memory(), JAVA_BYTE, at, bytes.length);
    return at;
  }

  /// All packets of a batch, cut by the product's splitter.
  static List<byte[]> all(PacketBatch batch, Splitter splitter) {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < batch.count(); i++) {
      if (!splitter.begin(batch, i)) {
        throw new AssertionError("entry " + i + " does not hold what it says");
      }
      while (splitter.next()) {
        packets.add(
            splitter.memory().asSlice(splitter.offset(), splitter.length()).toArray(JAVA_BYTE));
      }
    }
    return packets;
  }
}
