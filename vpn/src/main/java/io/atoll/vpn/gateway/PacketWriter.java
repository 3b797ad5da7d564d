package io.atoll.vpn.gateway;

import static io.atoll.vpn.gateway.PacketReader.BYTE;
import static io.atoll.vpn.gateway.PacketReader.INT;
import static io.atoll.vpn.gateway.PacketReader.LONG;
import static io.atoll.vpn.gateway.PacketReader.SHORT;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.tcp.TcpCodec;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import io.atoll.vpn.port.Checksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Makes packets, one after the other, and hands them on. Used by one thread.
final class PacketWriter {
  private static final int HOPS = 64;
  private static final int DONT_FRAGMENT = 0x4000;
  private static final int LONGEST = 65_535;
  private static final int UDP_BYTES = 8;

  private final MemorySegment memory = Arena.ofAuto().allocate(1 << 17, 64);
  private final PacketOut out;
  private final PacketOut.@Nullable Cutting cutting;
  private final IpAddress v4;
  private final IpAddress v6;

  /// @param v4 what packets of IPv4 come from
  PacketWriter(PacketOut out, IpAddress v4, IpAddress v6) {
    this.out = out;
    this.cutting = out instanceof PacketOut.Cutting takes ? takes : null;
    this.v4 = v4;
    this.v6 = v6;
  }

  void flush() {
    out.flush();
  }

  private static int ipBytes(IpAddress to) {
    return to.isV4() ? PacketReader.V4_BYTES : PacketReader.V6_BYTES;
  }

  /// Sends a segment; a long one as several, or as one that is cut later.
  ///
  /// @param bytes where its bytes lie in the stream, from `from` on; null if it has none
  void tcp(Flow flow, TcpSegment segment, @Nullable ByteRing bytes, long from, int mss) {
    int ip = ipBytes(flow.remote());
    int header = TcpCodec.write(memory, ip, flow.localPort(), flow.remotePort(), segment);
    int length = segment.length();
    if (bytes != null && length > 0) {
      bytes.get(from, memory, ip + header, length);
    }
    if (length <= mss) {
      ip(from(flow), flow.remote(), PacketReader.TCP, header + length, 0);
      sum(flow.remote(), PacketReader.TCP, 0, ip, header + length, TcpCodec.SUM_AT);
      out.send(memory, 0, ip + header + length);
    } else if (cutting != null && ip + header + length <= LONGEST) {
      ip(from(flow), flow.remote(), PacketReader.TCP, header + length, 0);
      long pseudo = pseudo(flow.remote(), PacketReader.TCP, 0, header + length);
      Checksum.store(memory, ip + TcpCodec.SUM_AT, Checksum.fold(pseudo));
      cutting.sendToCut(memory, 0, ip + header + length, mss);
    } else {
      cut(flow, segment, ip, header, mss);
    }
  }

  /// Each piece gets its headers right before its bytes, over those of the piece before.
  private void cut(Flow flow, TcpSegment segment, int ip, int header, int mss) {
    int length = segment.length();
    int last = (length - 1) / mss * mss;
    for (int done = 0; done < length; done += mss) {
      int part = Math.min(mss, length - done);
      int keep = done == last ? ~0 : ~(TcpSegment.FIN | TcpSegment.PSH);
      TcpSegment piece =
          new TcpSegment(
              segment.flags() & keep,
              segment.seq() + done,
              segment.ack(),
              segment.window(),
              part,
              segment.options());
      TcpCodec.write(memory, ip + done, flow.localPort(), flow.remotePort(), piece);
      ip(from(flow), flow.remote(), PacketReader.TCP, header + part, done);
      sum(flow.remote(), PacketReader.TCP, done, ip, header + part, TcpCodec.SUM_AT);
      out.send(memory, done, ip + header + part);
    }
  }

  void udp(Flow flow, byte[] bytes) {
    int ip = ipBytes(flow.remote());
    int length = UDP_BYTES + bytes.length;
    memory.set(SHORT, ip, (short) flow.localPort());
    memory.set(SHORT, ip + 2, (short) flow.remotePort());
    memory.set(SHORT, ip + 4, (short) length);
    memory.set(SHORT, ip + 6, (short) 0);
    MemorySegment.copy(bytes, 0, memory, BYTE, ip + UDP_BYTES, bytes.length);
    ip(from(flow), flow.remote(), PacketReader.UDP, length, 0);
    sum(flow.remote(), PacketReader.UDP, 0, ip, length, 6);
    out.send(memory, 0, ip + length);
  }

  /// A message of ICMP, or of ICMPv6 to an address of IPv6.
  ///
  /// @param rest the four bytes behind the sum
  void icmp(
      IpAddress to, int type, int code, int rest, MemorySegment body, long offset, int length) {
    icmp(own(to), to, type, code, rest, body, offset, length);
  }

  /// As the other, from an address of the same family.
  void icmp(
      IpAddress from,
      IpAddress to,
      int type,
      int code,
      int rest,
      MemorySegment body,
      long offset,
      int length) {
    int ip = ipBytes(to);
    int protocol = to.isV4() ? PacketReader.ICMP : PacketReader.ICMP6;
    memory.set(INT, ip, type << 24 | code << 16);
    memory.set(INT, ip + 4, rest);
    MemorySegment.copy(body, offset, memory, ip + 8, length);
    ip(from, to, protocol, 8 + length, 0);
    if (to.isV4()) {
      Checksum.store(memory, ip + 2, ~Checksum.fold(Checksum.add(memory, ip, 8 + length, 0)));
    } else {
      sum(to, protocol, 0, ip, 8 + length, 2);
    }
    out.send(memory, 0, ip + 8 + length);
  }

  private IpAddress own(IpAddress to) {
    return to.isV4() ? v4 : v6;
  }

  private IpAddress from(Flow flow) {
    return flow.local() == null ? own(flow.remote()) : flow.local();
  }

  private void ip(IpAddress from, IpAddress to, int protocol, int carried, long at) {
    if (to.isV4()) {
      memory.set(INT, at, 0x4500 << 16 | (PacketReader.V4_BYTES + carried));
      memory.set(INT, at + 4, DONT_FRAGMENT);
      memory.set(INT, at + 8, HOPS << 24 | protocol << 16);
      memory.set(INT, at + 12, (int) from.low());
      memory.set(INT, at + 16, (int) to.low());
      Checksum.store(
          memory, at + 10, ~Checksum.fold(Checksum.add(memory, at, PacketReader.V4_BYTES, 0)));
    } else {
      memory.set(INT, at, 0x6000_0000);
      memory.set(INT, at + 4, carried << 16 | protocol << 8 | HOPS);
      memory.set(LONG, at + 8, from.high());
      memory.set(LONG, at + 16, from.low());
      memory.set(LONG, at + 24, to.high());
      memory.set(LONG, at + 32, to.low());
    }
  }

  private long pseudo(IpAddress to, int protocol, long at, int carried) {
    return to.isV4()
        ? Checksum.pseudo(memory, at + 12, 8, protocol, carried)
        : Checksum.pseudo(memory, at + 8, 32, protocol, carried);
  }

  private void sum(IpAddress to, int protocol, long at, int ip, int carried, int sumAt) {
    long sum = Checksum.add(memory, at + ip, carried, pseudo(to, protocol, at, carried));
    int folded = ~Checksum.fold(sum) & 0xffff;
    // Of UDP, zero would say that there is none (RFC 768).
    Checksum.store(
        memory, at + ip + sumAt, folded == 0 && protocol == PacketReader.UDP ? 0xffff : folded);
  }
}
