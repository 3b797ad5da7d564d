package io.atoll.vpn.sim;

import io.atoll.vpn.gateway.tcp.TcpAction;
import io.atoll.vpn.gateway.tcp.TcpAction.Acknowledged;
import io.atoll.vpn.gateway.tcp.TcpAction.Ended;
import io.atoll.vpn.gateway.tcp.TcpAction.Established;
import io.atoll.vpn.gateway.tcp.TcpAction.Lingering;
import io.atoll.vpn.gateway.tcp.TcpAction.Place;
import io.atoll.vpn.gateway.tcp.TcpAction.Ready;
import io.atoll.vpn.gateway.tcp.TcpAction.Transmit;
import io.atoll.vpn.gateway.tcp.TcpCodec;
import io.atoll.vpn.gateway.tcp.TcpEnd;
import io.atoll.vpn.gateway.tcp.TcpEvent;
import io.atoll.vpn.gateway.tcp.TcpMachine;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import io.atoll.vpn.gateway.tcp.TcpSettings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One TCP connection between two members that is meant to stay open all day: now and then the one
/// asks, and the other answers with as many bytes. Each byte is made by its place, so that each end
/// knows what the other should have sent.
final class Talk {
  private static final int RING = 1 << 15;
  private static final int HEADER = 20;

  final int port;
  final End client;
  final End server;
  long asked;

  /// When the next question is due.
  long nextAt;

  Talk(NetworkDay day, int port, int from, int to) {
    this.port = port;
    // As patient as the systems of guests are.
    TcpSettings settings =
        TcpSettings.usual(1340, 536)
            .withRing(RING, RING)
            .withTimes(900 * NetworkDay.SECOND, 0, 60 * NetworkDay.SECOND);
    client = new End(day, from, to, settings, true);
    server = new End(day, to, from, settings, false);
    client.peer = server;
    server.peer = client;
  }

  boolean answered() {
    return client.consumed == asked && server.consumed == asked;
  }

  /// One end, in the guest on its node.
  final class End {
    private final NetworkDay day;
    final int node;
    private final int other;
    private final boolean asks;
    final TcpMachine machine;
    private final byte[] incoming = new byte[RING];
    private @Nullable End peer;
    private long written;
    private long readable;
    long consumed;
    private boolean atEnd;
    boolean established;
    @Nullable TcpEnd over;

    End(NetworkDay day, int node, int other, TcpSettings settings, boolean asks) {
      this.day = day;
      this.node = node;
      this.other = other;
      this.asks = asks;
      this.machine = new TcpMachine(settings, day.random.nextInt());
    }

    void open() {
      tell(new TcpEvent.Open());
    }

    void write(long bytes) {
      written += bytes;
      tell(new TcpEvent.Written(written));
    }

    void shutdown() {
      tell(new TcpEvent.Shutdown());
    }

    void turn() {
      step(new TcpEvent.Turn(), new byte[0], 0);
    }

    private void tell(TcpEvent event) {
      step(event, new byte[0], 0);
      turn();
    }

    /// @param packet of IPv4 that holds a segment
    void arrived(byte[] packet) {
      MemorySegment memory = MemorySegment.ofArray(packet);
      TcpSegment segment = TcpCodec.read(memory, HEADER, packet.length - HEADER);
      if (segment == null) {
        throw day.broken("a segment was damaged on its way through the tunnel");
      }
      step(new TcpEvent.Arrived(segment), packet, packet.length - segment.length());
      consume();
      turn();
    }

    private void step(TcpEvent event, byte[] packet, int at) {
      for (TcpAction action : machine.step(day.now(), event)) {
        switch (action) {
          case Transmit(TcpSegment segment, long from, int mss) -> transmit(segment, from, mss);
          case Place(long to, int skip, int length) -> {
            for (int i = 0; i < length; i++) {
              incoming[(int) ((to + i) % RING)] = packet[at + skip + i];
            }
          }
          case Ready(long total, boolean end) -> {
            readable = total;
            atEnd |= end;
          }
          case Established() -> established = true;
          case Ended(TcpEnd end) -> over = end;
          case Lingering() -> over = TcpEnd.CLOSED;
          case Acknowledged _ -> {}
        }
      }
    }

    private void consume() {
      if (consumed == readable) {
        return;
      }
      int salt = (asks ? 1 : 0) ^ 1;
      for (; consumed < readable; consumed++) {
        if (incoming[(int) (consumed % RING)] != octet(salt, consumed)) {
          throw day.broken("byte " + consumed + " of connection " + port + " is another");
        }
      }
      tell(new TcpEvent.Consumed(consumed));
      if (!asks && consumed > written) {
        write(consumed - written);
      }
    }

    boolean atEnd() {
      return atEnd;
    }

    private void transmit(TcpSegment segment, long from, int mss) {
      int length = segment.length();
      for (int done = 0; done == 0 || done < length; done += mss) {
        int part = Math.max(0, Math.min(mss, length - done));
        boolean last = done + part >= length;
        int flags = last ? segment.flags() : segment.flags() & ~TcpSegment.FIN;
        TcpSegment piece =
            new TcpSegment(
                flags,
                segment.seq() + done,
                segment.ack(),
                segment.window(),
                part,
                segment.options());
        day.send(node, packet(piece, from + done));
      }
    }

    private byte[] packet(TcpSegment segment, long from) {
      byte[] room = new byte[HEADER + TcpCodec.MOST_BYTES + segment.length()];
      MemorySegment memory = MemorySegment.ofArray(room);
      int client = 20_000 + port;
      int header =
          TcpCodec.write(memory, HEADER, asks ? client : port, asks ? port : client, segment);
      int length = HEADER + header + segment.length();
      ByteBuffer.wrap(room)
          .putInt(0x4500 << 16 | length)
          .putInt(0x4000)
          .putInt(64 << 24 | 6 << 16)
          .putInt(NetworkDay.member(node))
          .putInt(NetworkDay.member(other));
      for (int i = 0; i < segment.length(); i++) {
        memory.set(ValueLayout.JAVA_BYTE, HEADER + header + i, octet(asks ? 1 : 0, from + i));
      }
      return java.util.Arrays.copyOf(room, length);
    }
  }

  private byte octet(int salt, long place) {
    return (byte) ((place * 0x9e3779b1L + salt + port) >>> 7);
  }
}
