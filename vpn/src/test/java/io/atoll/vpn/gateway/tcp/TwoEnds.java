package io.atoll.vpn.gateway.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.gateway.tcp.TcpAction.Acknowledged;
import io.atoll.vpn.gateway.tcp.TcpAction.Ended;
import io.atoll.vpn.gateway.tcp.TcpAction.Established;
import io.atoll.vpn.gateway.tcp.TcpAction.Lingering;
import io.atoll.vpn.gateway.tcp.TcpAction.Place;
import io.atoll.vpn.gateway.tcp.TcpAction.Ready;
import io.atoll.vpn.gateway.tcp.TcpAction.Transmit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Two machines and the network between them, in virtual time. Bytes are made by their place, so
/// that each end knows what the other should have sent.
final class TwoEnds {
  static final long MILLI = 1_000_000;
  static final long SECOND = 1000 * MILLI;

  /// What the network does with a packet, out of 1000, and how long it takes.
  record Faults(int lost, int doubled, int late, long delay, long jitter) {
    static final Faults NONE = new Faults(0, 0, 0, MILLI, 0);
  }

  private record Packet(long at, long order, End to, TcpSegment segment, byte[] bytes) {}

  /// One end with its bytes.
  final class End {
    final TcpMachine machine;
    final int ring;
    final int salt;
    long written;
    long acknowledged;
    long readable;
    long consumed;
    boolean reading = true;
    boolean established;
    boolean atEnd;
    boolean lingering;
    @Nullable TcpEnd over;
    int mtu = 1500;
    long sentSegments;
    final List<TcpSegment> sent = new ArrayList<>();
    boolean checked = true;
    private @Nullable TcpSegment last;
    private final byte[] incoming;
    private @Nullable End peer;

    End(TcpSettings settings, int first, int salt) {
      machine = new TcpMachine(settings, first);
      ring = settings.capacity();
      incoming = new byte[ring];
      this.salt = salt;
    }

    void step(TcpEvent event) {
      step(event, new byte[0]);
    }

    private void step(TcpEvent event, byte[] bytes) {
      for (TcpAction action : machine.step(now, event)) {
        switch (action) {
          case Transmit(TcpSegment segment, long from, int mss) -> transmit(segment, from, mss);
          case Place(long at, int skip, int length) -> {
            holds(at + length - consumed <= ring, "bytes that find no room in the ring");
            holds(at >= readable, "bytes that were readable already");
            holds(skip + length <= bytes.length, "bytes that the segment has not");
            for (int i = 0; i < length; i++) {
              incoming[(int) ((at + i) % ring)] = bytes[skip + i];
            }
          }
          case Ready(long total, boolean end) -> {
            holds(total >= readable, "fewer bytes can be read than before");
            readable = total;
            atEnd |= end;
          }
          case Acknowledged(long total) -> {
            holds(total > acknowledged && total <= written, "what was acknowledged is not there");
            acknowledged = total;
          }
          case Established() -> {
            holds(!established, "established twice");
            established = true;
          }
          case Lingering() -> lingering = true;
          case Ended(TcpEnd end) -> {
            holds(over == null, "over twice");
            over = end;
          }
        }
      }
    }

    /// An event and then its turn.
    void tell(TcpEvent event) {
      step(event);
      step(new TcpEvent.Turn());
    }

    @Nullable TcpSegment last() {
      return last;
    }

    private void transmit(TcpSegment segment, long from, int mss) {
      sent.add(segment);
      last = segment;
      int length = segment.length();
      for (int done = 0; done == 0 || done < length; done += mss) {
        int part = Math.min(mss, length - done);
        boolean last = done + part >= length;
        byte[] bytes = new byte[Math.max(0, part)];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = octet(salt, from + done + i);
        }
        int flags = last ? segment.flags() : segment.flags() & ~TcpSegment.FIN;
        TcpSegment piece =
            new TcpSegment(
                flags,
                segment.seq() + done,
                segment.ack(),
                segment.window(),
                bytes.length,
                segment.options());
        sentSegments++;
        send(this, piece, bytes);
      }
    }

    void write(long bytes) {
      written += bytes;
      tell(new TcpEvent.Written(written));
    }

    void consume() {
      End from = peer == null ? this : peer;
      if (consumed == readable) {
        return;
      }
      for (; consumed < readable; consumed++) {
        if (checked && incoming[(int) (consumed % ring)] != octet(from.salt, consumed)) {
          throw new AssertionError("byte " + consumed + " is another than was sent");
        }
      }
      tell(new TcpEvent.Consumed(consumed));
    }
  }

  /// Quicker than an assertion of a library: it is asked for each segment.
  private static void holds(boolean so, String otherwise) {
    if (!so) {
      throw new AssertionError(otherwise);
    }
  }

  static byte octet(int salt, long place) {
    return (byte) ((place * 0x9e3779b1L + salt) >>> 7);
  }

  final Random random;
  final End client;
  final End server;
  Faults faults = Faults.NONE;
  long now = SECOND;
  private long order;
  private final PriorityQueue<Packet> onWay =
      new PriorityQueue<>(Comparator.comparingLong(Packet::at).thenComparingLong(Packet::order));
  private boolean cut;

  /// So many segments with bytes are lost, the next ones.
  int dropData;

  TwoEnds(Random random, TcpSettings of, TcpSettings and) {
    this.random = random;
    this.client = new End(of, random.nextInt(), 1);
    this.server = new End(and, random.nextInt(), 2);
    client.peer = server;
    server.peer = client;
  }

  TwoEnds(Random random, TcpSettings settings) {
    this(random, settings, settings);
  }

  /// Nothing arrives any more.
  void cut(boolean now) {
    cut = now;
  }

  private void send(End from, TcpSegment segment, byte[] bytes) {
    int size = segment.length() + 40 + (segment.options().stamped() ? 12 : 0);
    End to = from == client ? server : client;
    if (size > from.mtu) {
      from.step(new TcpEvent.TooBig(from.mtu - 40, segment.seq()));
      return;
    }
    if (segment.length() > 0 && dropData > 0) {
      dropData--;
      return;
    }
    if (cut || random.nextInt(1000) < faults.lost) {
      return;
    }
    int copies = random.nextInt(1000) < faults.doubled ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long delay = faults.delay;
      if (random.nextInt(1000) < faults.late) {
        delay += (long) (random.nextDouble() * faults.jitter);
      }
      onWay.add(new Packet(now + delay, order++, to, segment, bytes));
    }
  }

  /// Hands a made segment to an end, as if it had come.
  void forge(End to, TcpSegment segment) {
    to.step(new TcpEvent.Arrived(segment), new byte[segment.length()]);
    to.step(new TcpEvent.Turn());
  }

  void connect() {
    client.tell(new TcpEvent.Open());
    runUntil(() -> client.established && server.established, 60 * SECOND);
    assertThat(client.machine.state()).isEqualTo(TcpState.ESTABLISHED);
    assertThat(server.machine.state()).isEqualTo(TcpState.ESTABLISHED);
  }

  interface Done {
    boolean isSo();
  }

  /// Lets time go on until something is so, or nothing happens any more, or the time is over.
  ///
  /// @return whether it is so
  boolean runUntil(Done done, long most) {
    long end = now + most;
    while (!done.isSo()) {
      long next = Math.min(client.machine.deadline(), server.machine.deadline());
      Packet first = onWay.peek();
      long at = Math.max(now, Math.min(next, first == null ? Long.MAX_VALUE : first.at));
      if (at > end) {
        now = end;
        return false;
      }
      now = at;
      if (first != null && first.at <= now) {
        onWay.remove();
        first.to.step(new TcpEvent.Arrived(first.segment), first.bytes);
        first.to.step(new TcpEvent.Turn());
      } else {
        client.step(new TcpEvent.Turn());
        server.step(new TcpEvent.Turn());
      }
      if (client.reading) {
        client.consume();
      }
      if (server.reading) {
        server.consume();
      }
    }
    return true;
  }

  boolean bothOver() {
    return client.over != null && server.over != null;
  }
}
