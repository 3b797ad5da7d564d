package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.stream.PacketReceiver;
import io.atoll.vpn.stream.PacketStream;
import io.atoll.vpn.stream.PacketStreams;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node passes packets on for others.
public final class PacketRelay implements AutoCloseable {
  public static final String PROTOCOL = "/atoll/packet-relay/1";

  private static final Logger LOG = LoggerFactory.getLogger(PacketRelay.class);
  private static final int MESSAGES_A_SECOND = 100;
  private static final long SWEEP_MILLIS = 10_000;

  private final Host host;
  private final UdpSocket socket;
  private final Predicate<PeerId> clients;
  private final Supplier<List<InetSocketAddress>> addresses;
  private final RelayBook book;
  private final Map<PeerId, MessageLine> lines = new ConcurrentHashMap<>();
  private final Thread sweeper;

  private final LongAdder packets = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder strangers = new LongAdder();
  private final LongAdder nowhere = new LongAdder();
  private final LongAdder overLimit = new LongAdder();
  private final LongAdder refused = new LongAdder();

  private PacketRelay(
      Host host,
      UdpSocket socket,
      Predicate<PeerId> clients,
      Supplier<List<InetSocketAddress>> addresses,
      RelayLimits limits,
      RandomGenerator random) {
    this.host = host;
    this.socket = socket;
    this.clients = clients;
    this.addresses = addresses;
    this.book = new RelayBook(limits, random);
    this.sweeper = Thread.ofVirtual().name("packet-relay").unstarted(this::sweep);
  }

  /// @param socket whose packets to a relay belong to this from now on
  /// @param streams likewise
  /// @param clients who may ask
  /// @param addresses at which clients may reach the socket
  /// @param random that nobody can guess
  public static PacketRelay start(
      Host host,
      UdpSocket socket,
      PacketStreams streams,
      Predicate<PeerId> clients,
      Supplier<List<InetSocketAddress>> addresses,
      RelayLimits limits,
      RandomGenerator random) {
    PacketRelay relay = new PacketRelay(host, socket, clients, addresses, limits, random);
    socket.handle(PacketKind.RELAY, relay.new FromSocket());
    streams.handle(PacketKind.RELAY, from -> relay.new FromStream(from));
    host.handle(PROTOCOL, relay::serve);
    relay.sweeper.start();
    return relay;
  }

  public RelayCounts counts() {
    return new RelayCounts(
        book.count(),
        packets.sum(),
        bytes.sum(),
        strangers.sum(),
        nowhere.sum(),
        overLimit.sum(),
        refused.sum());
  }

  /// Whether somebody has asked this relay: their streams of packets are welcome.
  public boolean serves(PeerId client) {
    return lines.containsKey(client);
  }

  // ---- what is asked

  private void serve(Stream stream) throws IOException {
    PeerId client = stream.remote();
    if (!clients.test(client)) {
      refused.increment();
      stream.reset();
      return;
    }
    MessageLine line = new MessageLine(stream);
    MessageLine before = lines.put(client, line);
    if (before != null) {
      before.close();
    }
    Allowance allowance = new Allowance(MESSAGES_A_SECOND, 4L * MESSAGES_A_SECOND);
    try {
      line.run(
          message -> {
            if (!allowance.take(System.nanoTime(), 1)) {
              throw new IOException("a client of the relay asks too much");
            }
            asked(client, line, message);
          });
    } finally {
      // Its seats stay for as long as they are bound: packets go on while it comes back.
      lines.remove(client, line);
    }
  }

  private void asked(PeerId client, MessageLine line, RelayMessage message) {
    switch (message) {
      case RelayMessage.Meet(PeerId other, int tag) -> meet(client, line, other, tag);
      case RelayMessage.Leave(PeerId other) -> book.leave(client, other);
      case RelayMessage.Tell(PeerId other, byte[] news) -> {
        MessageLine to = lines.get(other);
        if (to != null) {
          to.send(new RelayMessage.Told(client, news));
        }
      }
      case RelayMessage.Given _,
          RelayMessage.Met _,
          RelayMessage.Asked _,
          RelayMessage.Told _,
          RelayMessage.Refused _ -> {}
    }
  }

  private void meet(PeerId client, MessageLine line, PeerId other, int tag) {
    Seat seat = client.equals(other) ? null : book.take(client, other, tag, System.nanoTime());
    if (seat == null) {
      refused.increment();
      line.send(new RelayMessage.Refused(other, "this relay has no seat left"));
      return;
    }
    List<String> known =
        addresses.get().stream()
            .limit(RelayMessage.MOST_ADDRESSES)
            .map(RelayAddress::text)
            .toList();
    int port = socket.address().getPort();
    line.send(new RelayMessage.Given(other, seat.number(), seat.key(), known, port));
    MessageLine theirs = lines.get(other);
    if (seat.partner() != null) {
      line.send(new RelayMessage.Met(other));
      if (theirs != null) {
        theirs.send(new RelayMessage.Met(client));
      }
    } else if (theirs != null) {
      theirs.send(new RelayMessage.Asked(client));
    }
  }

  private void sweep() {
    try {
      while (true) {
        Thread.sleep(SWEEP_MILLIS);
        book.sweep(System.nanoTime());
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- packets

  /// @return the seat of whom the packet is for; null if it goes nowhere
  private @Nullable Seat receiver(ByteBuffer packet, Seat seat, long now) {
    Seat partner = seat.partner();
    if (partner == null || partner.place() == null) {
      nowhere.increment();
      return null;
    }
    int length = packet.remaining();
    if (!book.allows(seat, length, now)) {
      overLimit.increment();
      return null;
    }
    packets.increment();
    bytes.add(length);
    int at = packet.position();
    packet.putInt(at, PacketKind.OWN | RelayFrame.OUT).putInt(at + 4, partner.tag());
    return partner;
  }

  /// @return the answer; null for none
  private byte @Nullable [] bound(ByteBuffer packet, Seat.Place where) {
    Seat seat = book.seat(RelayFrame.number(packet));
    if (seat == null || !RelayFrame.genuine(packet, seat.key())) {
      strangers.increment();
      return null;
    }
    long counter = RelayFrame.counter(packet);
    if (!seat.bind(counter, where, System.nanoTime())) {
      strangers.increment();
      return null;
    }
    InetSocketAddress seen = where instanceof Seat.Place.At at ? at.address() : null;
    return RelayFrame.bound(seat.key(), seat.tag(), counter, seen);
  }

  private void send(ByteBuffer packet, MemorySegment memory, PacketStream to) {
    to.send(memory, packet.position(), packet.remaining(), packet.remaining());
  }

  /// What comes to the socket: packets for one receiver that follow each other, all but the last of
  /// one length, go out in one call. On the socket's thread.
  private final class FromSocket implements UdpSocket.Receiver {
    private static final int MOST_PACKETS = 64;
    private static final int MOST_BYTES = 65_000;

    private @Nullable Seat to;
    private int start;
    private int end;
    private int size;
    private int count;
    private boolean closed;
    private long now;

    @Override
    public void received(ByteBuffer packet, InetSocketAddress from) {
      int type = RelayFrame.type(packet);
      if (type == RelayFrame.BIND) {
        byte[] answer = bound(packet, new Seat.Place.At(from));
        if (answer != null) {
          out(ByteBuffer.wrap(answer), from);
        }
        return;
      }
      Seat seat = type == RelayFrame.IN ? book.seat(RelayFrame.number(packet)) : null;
      if (seat == null
          || !(seat.place() instanceof Seat.Place.At place)
          || !from.equals(place.address())) {
        strangers.increment();
        return;
      }
      now = now == 0 ? System.nanoTime() : now;
      Seat receiver = receiver(packet, seat, now);
      if (receiver != null) {
        switch (receiver.place()) {
          case Seat.Place.At _ -> gather(packet, receiver);
          case Seat.Place.On(PacketStream stream) -> send(packet, socket.memory(), stream);
          case null -> {}
        }
      }
    }

    private void gather(ByteBuffer packet, Seat receiver) {
      int length = packet.remaining();
      if (to != receiver
          || packet.position() != end
          || closed
          || length > size
          || count == MOST_PACKETS
          || end - start + length > MOST_BYTES) {
        go();
        to = receiver;
        start = packet.position();
        size = length;
      }
      closed = length < size;
      end = packet.position() + length;
      count++;
    }

    private void go() {
      Seat receiver = to;
      if (receiver != null && receiver.place() instanceof Seat.Place.At(InetSocketAddress at)) {
        try {
          nowhere.add(count - socket.send(socket.memory(), start, end - start, size, at));
        } catch (IOException e) {
          nowhere.add(count);
        }
      }
      to = null;
      count = 0;
      closed = false;
    }

    private void out(ByteBuffer answer, InetSocketAddress at) {
      try {
        socket.send(answer, at);
      } catch (IOException e) {
        LOG.debug("answering {}: {}", at, e.getMessage());
      }
    }

    @Override
    public void batchEnded() {
      go();
      now = 0;
    }
  }

  /// What comes over a stream of packets.
  private final class FromStream implements PacketReceiver {
    private final PacketStream stream;

    FromStream(PacketStream stream) {
      this.stream = stream;
    }

    @Override
    public void received(MemorySegment memory, ByteBuffer packet) {
      int type = RelayFrame.type(packet);
      if (type == RelayFrame.BIND) {
        byte[] answer = bound(packet, new Seat.Place.On(stream));
        if (answer != null) {
          stream.send(answer);
        }
        return;
      }
      Seat seat = type == RelayFrame.IN ? book.seat(RelayFrame.number(packet)) : null;
      if (seat == null || !seat.client.equals(stream.remote())) {
        strangers.increment();
        return;
      }
      Seat receiver = receiver(packet, seat, System.nanoTime());
      if (receiver != null) {
        switch (receiver.place()) {
          case Seat.Place.At(InetSocketAddress address) -> {
            try {
              socket.send(packet, address);
            } catch (IOException e) {
              nowhere.increment();
            }
          }
          case Seat.Place.On(PacketStream to) -> send(packet, memory, to);
          case null -> {}
        }
      }
    }
  }

  @Override
  public void close() {
    host.unhandle(PROTOCOL);
    sweeper.interrupt();
    lines.values().forEach(MessageLine::close);
  }
}
