package io.atoll.vpn.gateway;

import static io.atoll.vpn.gateway.PacketReader.BYTE;
import static io.atoll.vpn.gateway.PacketReader.INT;
import static io.atoll.vpn.gateway.PacketReader.SHORT;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.tcp.TcpCodec;
import io.atoll.vpn.gateway.tcp.TcpEvent;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Gives each packet that comes to whom it belongs, and answers those that belong to nobody. On the
/// stack's thread; others read counters, and add what begins.
final class Dispatch {
  private static final long SECOND = 1_000_000_000L;
  private static final int UDP_BYTES = 8;

  /// Answers to what belongs to nobody, each second.
  private static final int ANSWERS = 1000;

  /// A message about a packet quotes it up to here (RFC 1812 §4.3.2.3).
  private static final int QUOTED = 548;

  /// What a dispatch needs of its stack.
  interface Keeper {
    /// A segment came that belongs to no connection.
    Beginning begins(Flow flow, TcpSegment segment);

    /// Whether packets to other addresses than the stack's own are its, too.
    boolean everywhere();

    /// A segment came that belongs to no connection, for another address than the stack's own.
    ///
    /// @param head the beginning of its packet
    /// @return whether somebody decides on it, or has done so
    boolean asks(Flow flow, TcpSegment segment, byte[] head);

    /// A datagram came that belongs to no flow, for another address than the stack's own.
    ///
    /// @return the flow that it begins, or null
    @Nullable UdpFlow opens(Flow flow);

    /// An echo is asked for of another address than the stack's own.
    void echo(IpAddress from, IpAddress of, int rest, byte[] body);

    void touch(Held held);
  }

  private final Keeper keeper;
  private final PacketWriter writer;
  private final Pings pings;
  private final IpAddress v4;
  private final IpAddress v6;
  private final PacketReader packet = new PacketReader();
  private final PacketReader quoted = new PacketReader();
  private final Map<Flow, TcpLink> links = new ConcurrentHashMap<>();
  private final Map<Flow, UdpFlow> flows = new ConcurrentHashMap<>();
  private long answersSince;
  private int answers;
  private volatile long received;
  private volatile long malformed;
  private volatile long foreign;
  private volatile long pieces;
  private volatile long refused;
  private volatile long postponed;

  Dispatch(Keeper keeper, PacketWriter writer, Pings pings, IpAddress v4, IpAddress v6) {
    this.keeper = keeper;
    this.writer = writer;
    this.pings = pings;
    this.v4 = v4;
    this.v6 = v6;
  }

  Map<Flow, TcpLink> links() {
    return links;
  }

  Map<Flow, UdpFlow> flows() {
    return flows;
  }

  // Only the thread writes these, so that nothing is lost between reading and writing.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void received(long now, MemorySegment memory, long offset, int length, boolean verified) {
    received++;
    if (!packet.read(memory, offset, length, true) || !sent(packet.source())) {
      malformed++;
    } else if (!isOwn(packet) && !(keeper.everywhere() && sent(packet.target()))) {
      foreign++;
    } else if (packet.piece()) {
      pieces++;
    } else if (!known(packet.protocol())) {
      foreign++;
    } else if (!(verified || packet.summed()) || !carried(now)) {
      malformed++;
    }
  }

  /// Whether anybody sends with such an address: not with one of a group, and IPv6 does not carry
  /// those of IPv4.
  private boolean sent(IpAddress source) {
    return !source.isMulticast() && source.isV4() == packet.isV4();
  }

  private boolean isOwn(PacketReader packet) {
    return packet.target().equals(packet.isV4() ? v4 : v6);
  }

  /// Whose the packet is that was read.
  private Flow flow() {
    IpAddress local = isOwn(packet) ? null : packet.target();
    return new Flow(packet.source(), packet.number(0), local, packet.number(2));
  }

  /// What a message about the packet quotes.
  private byte[] head() {
    byte[] head = new byte[Math.min(packet.total(), QUOTED)];
    MemorySegment.copy(packet.memory(), BYTE, begin(), head, 0, head.length);
    return head;
  }

  private long begin() {
    return packet.at() - (packet.total() - packet.carried());
  }

  private boolean known(int protocol) {
    return protocol == PacketReader.TCP
        || protocol == PacketReader.UDP
        || protocol == (packet.isV4() ? PacketReader.ICMP : PacketReader.ICMP6);
  }

  /// @return whether it holds
  private boolean carried(long now) {
    return switch (packet.protocol()) {
      case PacketReader.TCP -> tcp(now);
      case PacketReader.UDP -> udp(now);
      default -> icmp(now);
    };
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the thread writes it.
  private boolean tcp(long now) {
    TcpSegment segment = TcpCodec.read(packet.memory(), packet.at(), packet.carried());
    if (segment == null) {
      return false;
    }
    Flow flow = flow();
    TcpLink link = links.get(flow);
    if (link != null) {
      arrived(now, link, segment);
      return true;
    }
    if (flow.local() != null && keeper.asks(flow, segment, head())) {
      return true;
    }
    switch (keeper.begins(flow, segment)) {
      case Beginning.Begun(TcpLink begun) -> arrived(now, begun, segment);
      case Beginning.Refused() -> refuse(now, flow, segment);
      case Beginning.Later() -> postponed++;
    }
    return true;
  }

  private void arrived(long now, TcpLink link, TcpSegment segment) {
    link.arrived(now, segment, packet.memory(), packet.at() + packet.carried() - segment.length());
    keeper.touch(link);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the thread writes it.
  private void refuse(long now, Flow flow, TcpSegment segment) {
    refused++;
    if (!segment.has(TcpSegment.RST) && mayAnswer(now)) {
      writer.tcp(flow, segment.refusal(), null, 0, 1);
    }
  }

  private boolean mayAnswer(long now) {
    if (now - answersSince >= SECOND) {
      answersSince = now;
      answers = 0;
    }
    return answers++ < ANSWERS;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the thread writes it.
  private boolean udp(long now) {
    if (packet.carried() < UDP_BYTES) {
      return false;
    }
    int length = packet.number(4);
    if (length < UDP_BYTES || length > packet.carried()) {
      return false;
    }
    Flow whose = flow();
    UdpFlow flow = flows.get(whose);
    if (flow == null && whose.local() != null) {
      flow = keeper.opens(whose);
    }
    if (flow == null) {
      refused++;
      if (mayAnswer(now)) {
        long from = begin();
        int quote = Math.min(packet.total(), QUOTED);
        boolean four = packet.isV4();
        IpAddress to = packet.source();
        writer.icmp(
            packet.target(), to, four ? 3 : 1, four ? 3 : 4, 0, packet.memory(), from, quote);
      }
      return true;
    }
    byte[] bytes = new byte[length - UDP_BYTES];
    MemorySegment.copy(packet.memory(), BYTE, packet.at() + UDP_BYTES, bytes, 0, bytes.length);
    flow.arrived(now, bytes);
    return true;
  }

  private boolean icmp(long now) {
    if (packet.carried() < 8) {
      return false;
    }
    int type = packet.memory().get(BYTE, packet.at()) & 0xff;
    int code = packet.memory().get(BYTE, packet.at() + 1) & 0xff;
    int rest = packet.memory().get(INT, packet.at() + 4);
    boolean four = packet.isV4();
    if (type == (four ? 8 : 128) && code == 0) {
      if (mayAnswer(now)) {
        int length = packet.carried() - 8;
        long body = packet.at() + 8;
        if (isOwn(packet)) {
          writer.icmp(packet.source(), four ? 0 : 129, 0, rest, packet.memory(), body, length);
        } else {
          byte[] copy = new byte[length];
          MemorySegment.copy(packet.memory(), BYTE, body, copy, 0, length);
          keeper.echo(packet.source(), packet.target(), rest, copy);
        }
      }
    } else if (type == (four ? 0 : 129)) {
      pings.answered(packet.source(), rest, now);
    } else if (four ? type == 3 && code == 4 : type == 2) {
      undelivered(now, false, rest & (four ? 0xffff : 0x7fff_ffff));
    } else if (type == (four ? 3 : 1)) {
      undelivered(now, code == (four ? 3 : 4), -1);
    }
    return true;
  }

  /// A packet of ours is quoted that could not be delivered.
  ///
  /// @param mtu what would have been delivered; -1 if it is not about that
  private void undelivered(long now, boolean noPort, int mtu) {
    long at = packet.at() + 8;
    if (!quoted.read(packet.memory(), at, packet.carried() - 8, false)
        || !(keeper.everywhere() || quoted.source().equals(quoted.isV4() ? v4 : v6))
        || quoted.carried() < 8
        || mtu == 0) {
      return;
    }
    IpAddress to = quoted.target();
    int header = quoted.isV4() ? PacketReader.V4_BYTES : PacketReader.V6_BYTES;
    MemorySegment memory = quoted.memory();
    int remotePort = memory.get(SHORT, quoted.at() + 2) & 0xffff;
    IpAddress from = quoted.source();
    Flow flow =
        new Flow(
            to,
            remotePort,
            from.equals(quoted.isV4() ? v4 : v6) ? null : from,
            memory.get(SHORT, quoted.at()) & 0xffff);
    switch (quoted.protocol()) {
      case PacketReader.TCP -> {
        TcpLink link = links.get(flow);
        if (link != null) {
          int seq = memory.get(INT, quoted.at() + 4);
          int mss = Math.max(1, mtu - header - TcpCodec.LEAST_BYTES);
          link.told(
              now,
              mtu > 0 ? new TcpEvent.TooBig(mss, seq) : new TcpEvent.Undeliverable(noPort, seq));
          keeper.touch(link);
        }
      }
      case PacketReader.UDP -> {
        UdpFlow known = flows.get(flow);
        if (known != null && mtu > 0) {
          int least = quoted.isV4() ? 576 : StackSettings.LEAST_MTU;
          known.tooBig(Math.max(mtu, least) - header - UDP_BYTES);
        } else if (known != null && noPort) {
          known.refused();
        }
      }
      default -> {
        if (mtu < 0) {
          pings.unreachable(to, memory.get(INT, quoted.at() + 4));
        }
      }
    }
  }

  /// What was counted, with what others count.
  StackCounters counters(long sent, long overflown, int connections, int open, long memory) {
    return new StackCounters(
        received,
        sent,
        malformed,
        foreign,
        pieces,
        overflown,
        refused,
        postponed,
        connections,
        open,
        memory);
  }
}
