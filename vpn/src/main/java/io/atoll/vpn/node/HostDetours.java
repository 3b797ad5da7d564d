package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.PeerWatch;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.relay.ClientSeat;
import io.atoll.vpn.relay.PacketRelay;
import io.atoll.vpn.relay.RelayClients;
import io.atoll.vpn.relay.RelayLimits;
import io.atoll.vpn.stream.PacketReceiver;
import io.atoll.vpn.stream.PacketStream;
import io.atoll.vpn.stream.PacketStreams;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.UdpPath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ways that a host of libp2p opens: relays, streams, and news between the nodes.
final class HostDetours implements Detours {
  private static final Logger LOG = LoggerFactory.getLogger(HostDetours.class);
  private static final long LOOK_AROUND_MILLIS = 3000;
  private static final long ACTIVE = TimeUnit.MINUTES.toNanos(10);
  private static final long ANSWER_EVERY = TimeUnit.MILLISECONDS.toNanos(500);
  private static final Duration CONNECTING = Duration.ofSeconds(5);

  private final Host host;
  private final UdpSocket socket;
  private final RandomGenerator random;
  private final Predicate<InetAddress> inside;
  private final Supplier<Opening> openings;
  private final PathQuestion.Respondent respondent;
  private final OwnPlaces own;
  private final PacketStreams streams;
  private final RelayClients relays;
  private final Thread looker;
  private final Set<PeerId> calling = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> streamed = ConcurrentHashMap.newKeySet();
  private final Map<PeerId, Long> active = new ConcurrentHashMap<>();
  private final Map<PeerId, Long> answered = new ConcurrentHashMap<>();
  private final Map<PeerId, List<String>> whereRelays = new ConcurrentHashMap<>();
  private volatile @Nullable PeerPaths paths;
  private volatile @Nullable PathExchange exchange;
  private volatile @Nullable PacketRelay relay;

  /// @param inside whether an address belongs to a network that is carried over these very paths
  /// @param openings one for each thread that reads
  /// @param respondent who says how this node reaches others
  HostDetours(
      Host host,
      UdpSocket socket,
      RandomGenerator random,
      Predicate<InetAddress> inside,
      Supplier<Opening> openings,
      PathQuestion.Respondent respondent) {
    this.host = host;
    this.socket = socket;
    this.random = random;
    this.inside = inside;
    this.openings = openings;
    this.respondent = respondent;
    this.own = new OwnPlaces(socket.address(), inside);
    this.streams = PacketStreams.start(host, this::welcome);
    this.relays =
        RelayClients.start(
            host, socket, streams, new AtRelays(), () -> new FromRelays(openings), random);
    this.looker = Thread.ofVirtual().name("own addresses").unstarted(this::lookAround);
  }

  private PeerPaths paths() {
    return Objects.requireNonNull(paths, "begun");
  }

  @Override
  public void begin(PeerPaths known) {
    paths = known;
    streams.handle(PacketKind.WIREGUARD, stream -> new FromStream(stream, openings));
    streams.handle(
        PacketKind.PATH,
        stream -> {
          Path path = new StreamPath(stream.remote());
          return (_, packet) -> known.probe(packet, path);
        });
    exchange = new PathExchange(host, known::knows, () -> news(false), this::heard);
    host.watch(new Connections());
    PathQuestion.serve(host, respondent);
    looker.start();
  }

  /// Passes packets on for others, from now on.
  PacketRelay passOn(Predicate<PeerId> clients, RelayLimits limits) {
    PacketRelay made =
        PacketRelay.start(
            host,
            socket,
            streams,
            clients,
            () -> own.all().stream().map(Candidate::address).toList(),
            limits,
            random);
    relay = made;
    return made;
  }

  /// Uses a relay, at which nodes may be met that use it, too.
  ///
  /// @param lasting whether it is tried for ever; else until it cannot be reached
  void use(PeerId id, List<String> addresses, boolean lasting) {
    if (relays.use(id, addresses, lasting)) {
      whereRelays.putIfAbsent(id, List.copyOf(addresses));
    }
  }

  void mapped(List<InetSocketAddress> outside) {
    own.mapped(outside);
  }

  private boolean welcome(PeerId peer) {
    PeerPaths known = paths;
    PacketRelay serving = relay;
    return (known != null && known.knows(peer))
        || relays.uses(peer)
        || (serving != null && serving.serves(peer));
  }

  // ---- what the paths ask

  @Override
  public void known(PeerId node) {
    if (streamed.contains(node)) {
      paths().happened(node, new PathEvent.Streams(true));
    }
  }

  @Override
  public void forgotten(PeerId node) {
    quiet(node);
    answered.remove(node);
  }

  @Override
  public void quiet(PeerId node) {
    active.remove(node);
    relays.leave(node);
  }

  @Override
  public Way over(PeerId through, PeerId node) {
    return (memory, at, length, segment) -> {
      ClientSeat seat = relays.seat(through, node);
      return seat == null ? 0 : seat.send(memory, at, length, segment);
    };
  }

  @Override
  public Way stream(PeerId node) {
    return (memory, at, length, segment) -> {
      PacketStream stream = streams.to(node);
      return stream == null ? 0 : stream.send(memory, at, length, segment);
    };
  }

  @Override
  public boolean reply(Path to, byte[] datagram) {
    return switch (to) {
      case RelayPath(PeerId through, PeerId node) -> {
        ClientSeat seat = relays.seat(through, node);
        if (seat == null) {
          yield false;
        }
        seat.asks(System.nanoTime());
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, datagram);
          yield seat.send(copy, 0, datagram.length, datagram.length) == 1;
        }
      }
      case StreamPath(PeerId node) -> {
        PacketStream stream = streams.to(node);
        yield stream != null && stream.send(datagram);
      }
      default -> false;
    };
  }

  @Override
  public void call(PeerId node) {
    active.put(node, System.nanoTime());
    if (!calling.add(node)) {
      return;
    }
    Thread.ofVirtual()
        .name("call " + node)
        .start(
            () -> {
              try {
                relays.meet(node);
                relays.tell(node, news(true).write());
                host.connect(node, List.of(), CONNECTING);
                tell(node);
              } catch (IOException e) {
                LOG.debug("{} is not told by libp2p: {}", node, e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                calling.remove(node);
              }
            });
  }

  private void tell(PeerId node) throws IOException, InterruptedException {
    PathExchange open = exchange;
    if (open != null) {
      open.tell(node);
    }
  }

  @Override
  public void seen(InetSocketAddress address) {
    if (!inside.test(address.getAddress())) {
      own.seen(address, System.nanoTime());
    }
  }

  // ---- news

  private News news(boolean ask) {
    List<News.Relay> meeting = new ArrayList<>();
    if (relay != null) {
      meeting.add(new News.Relay(host.id(), host.listening()));
    }
    relays
        .talking()
        .forEach(id -> meeting.add(new News.Relay(id, whereRelays.getOrDefault(id, List.of()))));
    return new News(ask, own.all(), meeting);
  }

  private void heard(PeerId node, News news) {
    PeerPaths known = paths();
    active.put(node, System.nanoTime());
    known.said(
        node,
        news.candidates().stream()
            .filter(one -> !inside.test(one.address().getAddress()))
            .toList());
    for (News.Relay one : news.relays()) {
      use(one.id(), one.addresses(), false);
    }
    relays.meet(node);
    known.happened(node, new PathEvent.Called());
  }

  private final class AtRelays implements RelayClients.Listener {
    @Override
    public void talks(PeerId through) {
      active.keySet().forEach(node -> relays.meet(through, node));
    }

    @Override
    public void changed(PeerId node) {
      paths().happened(node, new PathEvent.Relays(relays.leadingTo(node)));
    }

    @Override
    public void asked(PeerId through, PeerId node) {
      if (paths().knows(node)) {
        active.put(node, System.nanoTime());
        relays.meet(through, node);
      }
    }

    @Override
    public void told(PeerId through, PeerId node, byte[] bytes) {
      if (!paths().knows(node)) {
        return;
      }
      try {
        News news = News.read(bytes);
        heard(node, news);
        if (news.ask() && mayAnswer(node)) {
          relays.tell(node, news(false).write());
        }
      } catch (IOException e) {
        LOG.debug("news of {}: {}", node, e.getMessage());
      }
    }

    private boolean mayAnswer(PeerId node) {
      long now = System.nanoTime();
      Long before = answered.get(node);
      if (before != null && now - before < ANSWER_EVERY) {
        return false;
      }
      answered.put(node, now);
      return true;
    }

    @Override
    public void seen(InetSocketAddress address) {
      HostDetours.this.seen(address);
    }
  }

  private final class Connections implements PeerWatch {
    @Override
    public void connected(PeerId peer, Multiaddr remote, boolean dialled) {
      // A relay of libp2p gives little time and few bytes: no way for packets.
      if (!remote.toString().contains("/p2p-circuit") && streamed.add(peer)) {
        paths().happened(peer, new PathEvent.Streams(true));
      }
    }

    @Override
    public void disconnected(PeerId peer) {
      if (streamed.remove(peer)) {
        paths().happened(peer, new PathEvent.Streams(false));
      }
    }
  }

  /// Another address of this node is news to those who talk to it.
  private void lookAround() {
    List<Candidate> cards = own.local();
    List<Candidate> all = List.of();
    try {
      while (true) {
        Thread.sleep(LOOK_AROUND_MILLIS);
        if (active.isEmpty()) {
          continue;
        }
        List<Candidate> cardsNow = own.local();
        if (!cardsNow.equals(cards)) {
          cards = cardsNow;
          paths().happened(new PathEvent.Moved());
        }
        List<Candidate> allNow = own.all();
        if (!Set.copyOf(allNow).equals(Set.copyOf(all))) {
          all = allNow;
          long now = System.nanoTime();
          active.values().removeIf(at -> now - at > ACTIVE);
          active.keySet().forEach(this::call);
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- packets

  private final class FromRelays implements RelayClients.Inner {
    private final Supplier<Opening> openings;
    private @Nullable Opening opening;
    private @Nullable ClientSeat last;
    private Path path = new UdpPath(new InetSocketAddress(0));

    FromRelays(Supplier<Opening> openings) {
      this.openings = openings;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same seat, mostly
    public void received(MemorySegment memory, ByteBuffer packet, ClientSeat from) {
      if (from != last) {
        path = new RelayPath(from.relay(), from.node());
        last = from;
      }
      switch (PacketKind.read(packet)) {
        case WIREGUARD -> {
          Opening open = opening == null ? openings.get() : opening;
          opening = open;
          open.open(memory, packet.position(), packet.remaining(), path);
        }
        case PATH -> paths().probe(packet, path);
        case RELAY, RELAYED, STUN, QUIC -> {}
        case null -> {}
      }
    }

    @Override
    public void batchEnded() {
      if (opening != null) {
        opening.end();
      }
    }
  }

  private static final class FromStream implements PacketReceiver {
    private final Path path;
    private final Opening opening;

    FromStream(PacketStream stream, Supplier<Opening> openings) {
      this.path = new StreamPath(stream.remote());
      this.opening = openings.get();
    }

    @Override
    public void received(MemorySegment memory, ByteBuffer packet) {
      opening.open(memory, packet.position(), packet.remaining(), path);
    }

    @Override
    public void batchEnded() {
      opening.end();
    }
  }

  @Override
  public void close() {
    looker.interrupt();
    host.unhandle(PathQuestion.PROTOCOL);
    PathExchange open = exchange;
    if (open != null) {
      open.close();
    }
    PacketRelay serving = relay;
    if (serving != null) {
      serving.close();
    }
    relays.close();
    streams.close();
  }
}
