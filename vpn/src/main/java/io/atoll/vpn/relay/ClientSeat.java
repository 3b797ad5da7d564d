package io.atoll.vpn.relay;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.stream.PacketStream;
import io.atoll.vpn.stream.PacketStreams;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A seat at a relay as its client has it: the way to one node through that relay.
public final class ClientSeat implements NumberTable.Numbered {
  private static final ValueLayout.OfInt WORD = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int MOST_PACKETS = 64;
  private static final int MOST_BYTES = 65_000;

  /// Where packets are put behind their new headers: one for each thread that sends.
  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(MOST_BYTES + MOST_PACKETS * 8L, 64));

  /// What the relay gave, and where it may be.
  private record Given(int number, byte[] key, List<InetSocketAddress> addresses) {}

  private final PeerId relay;
  private final PeerId node;
  private final int tag;
  private final UdpSocket socket;
  private final PacketStreams streams;
  private volatile @Nullable Given given;

  /// Where the relay has answered; null while it has not, and packets go over the stream.
  private volatile @Nullable InetSocketAddress place;

  private volatile boolean heard;

  // Under the lock of this object.
  private BindSchedule schedule = new BindSchedule();
  private long counter;
  private boolean met;

  ClientSeat(PeerId relay, PeerId node, int tag, UdpSocket socket, PacketStreams streams) {
    this.relay = relay;
    this.node = node;
    this.tag = tag;
    this.socket = socket;
    this.streams = streams;
  }

  /// What the relay writes before packets to this seat.
  @Override
  public int number() {
    return tag;
  }

  public PeerId relay() {
    return relay;
  }

  public PeerId node() {
    return node;
  }

  synchronized void given(int number, byte[] key, List<InetSocketAddress> addresses) {
    given = new Given(number, key, addresses);
    place = null;
    counter = 0;
    schedule = new BindSchedule();
  }

  synchronized void met() {
    met = true;
  }

  /// Whether packets get to the other node's seat.
  synchronized boolean usable() {
    return met && schedule.bound();
  }

  /// Says where this client is, if that is due.
  synchronized void tick(long now) {
    Given known = given;
    if (known == null) {
      return;
    }
    if (schedule.askUdp(now)) {
      InetSocketAddress bound = place;
      byte[] bind = RelayFrame.bind(known.key, known.number, ++counter);
      for (InetSocketAddress address : bound != null ? List.of(bound) : known.addresses) {
        try {
          socket.send(ByteBuffer.wrap(bind), address);
        } catch (IOException e) {
          // There is no way to that one; the others, or the stream, may do.
        }
      }
    }
    if (!schedule.udp()) {
      place = null;
    }
    if (schedule.askStream(now)) {
      PacketStream stream = streams.to(relay);
      if (stream != null) {
        stream.send(RelayFrame.bind(known.key, known.number, ++counter));
      }
    }
  }

  /// A question goes this way. If nothing came since the last, perhaps a gateway has forgotten this
  /// client, and it says again where it is.
  public synchronized void asks(long now) {
    if (!heard) {
      schedule.hurry(now);
    }
    heard = false;
  }

  void heard() {
    if (!heard) {
      heard = true;
    }
  }

  /// The relay has answered.
  ///
  /// @param from null over the stream
  /// @return where it sees this client; null if that is not known, or nobody but a stranger spoke
  synchronized @Nullable InetSocketAddress bound(
      ByteBuffer frame, @Nullable InetSocketAddress from) {
    Given known = given;
    if (known == null
        || !RelayFrame.genuine(frame, known.key)
        || RelayFrame.counter(frame) > counter) {
      return null;
    }
    if (from == null) {
      schedule.streamAnswered();
      return null;
    }
    schedule.udpAnswered();
    if (place == null) {
      place = from;
    }
    return RelayFrame.seen(frame, known.key);
  }

  /// Sends datagrams through the relay, each behind a header: of one length still, they go out
  /// together.
  ///
  /// @param from where they begin
  /// @return how many were taken
  public int send(MemorySegment datagrams, long from, int length, int segment) {
    Given known = given;
    if (known == null) {
      return 0;
    }
    InetSocketAddress to = place;
    if (to == null) {
      return sendOverStream(known.number, datagrams, from, length, segment);
    }
    int frame = segment + RelayFrame.HEADER;
    int together = Math.clamp(MOST_BYTES / frame, 1, MOST_PACKETS);
    MemorySegment scratch = SCRATCH.get();
    int taken = 0;
    for (int at = 0; at < length; ) {
      int filled = 0;
      for (int i = 0; i < together && at < length; i++) {
        int size = Math.min(segment, length - at);
        head(scratch, filled, known.number);
        MemorySegment.copy(datagrams, from + at, scratch, filled + RelayFrame.HEADER, size);
        at += size;
        filled += RelayFrame.HEADER + size;
      }
      try {
        taken += socket.send(scratch, 0, filled, frame, to);
      } catch (IOException e) {
        return taken;
      }
    }
    return taken;
  }

  private static void head(MemorySegment memory, long at, int number) {
    memory.set(WORD, at, PacketKind.OWN | RelayFrame.IN);
    memory.set(WORD, at + 4, number);
  }

  private int sendOverStream(
      int number, MemorySegment datagrams, long from, int length, int segment) {
    PacketStream stream = streams.to(relay);
    int taken = 0;
    for (int at = 0; stream != null && at < length; at += segment) {
      int size = Math.min(segment, length - at);
      byte[] copy = new byte[RelayFrame.HEADER + size];
      ByteBuffer.wrap(copy).putInt(PacketKind.OWN | RelayFrame.IN).putInt(number);
      MemorySegment.copy(datagrams, JAVA_BYTE, from + at, copy, RelayFrame.HEADER, size);
      taken += stream.send(copy) ? 1 : 0;
    }
    return taken;
  }

  @Override
  public String toString() {
    return "ClientSeat[" + relay + " to " + node + "]";
  }
}
