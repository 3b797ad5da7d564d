package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.node.NodePath.Session;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathAction;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.path.Probe;
import io.atoll.vpn.path.ProbeKey;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.Memory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ways to all other nodes: one machine for each, stepped by one thread; packets go the way
/// that it chose last, without a lock. A peer that is no node, such as a stock client, is sent to
/// where it was last heard.
final class PeerPaths implements Paths, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPaths.class);

  /// What may happen before the thread takes it; more is dropped, and happens again.
  private static final int QUEUE = 4096;

  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSING_MILLIS = 5000;

  /// Looking for who is where is for few packets only: anybody can send what asks for it.
  private static final int GREETINGS_A_SECOND = 20;

  private static final Way NOWHERE = (_, _, _, _) -> 0;

  private record Happened(NodePath node, PathEvent event) {}

  private record Due(long at, NodePath node) {}

  private final UdpSocket socket;
  private final EngineClock clock;
  private final RandomGenerator random;
  private final Detours detours;
  private final Map<Peer, NodePath> ofPeer = new ConcurrentHashMap<>();
  private final Map<PeerId, NodePath> ofNode = new ConcurrentHashMap<>();
  private final Map<Peer, DirectWay> roaming = new ConcurrentHashMap<>();
  private final Map<Long, Keyed> keyed = new ConcurrentHashMap<>();
  private final ArrayBlockingQueue<Happened> inbox = new ArrayBlockingQueue<>(QUEUE);
  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>((one, other) -> Long.compare(one.at, other.at));
  private final Allowance greetings = new Allowance(GREETINGS_A_SECOND, GREETINGS_A_SECOND);
  private final LongAdder lost = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final Thread thread;
  private volatile boolean closed;

  private record Keyed(NodePath node, Session session) {}

  /// @param random that nobody can guess
  PeerPaths(UdpSocket socket, EngineClock clock, RandomGenerator random, Detours detours) {
    this.socket = socket;
    this.clock = clock;
    this.random = random;
    this.detours = detours;
    this.thread = Thread.ofPlatform().daemon().name("paths").unstarted(this::run);
  }

  void start() {
    detours.begin(this);
    thread.start();
  }

  // ---- who there is

  /// From now on this peer is on that node.
  synchronized void join(Peer peer, PeerId node) {
    NodePath path = ofNode.computeIfAbsent(node, _ -> new NodePath(node, random, clock.nanos()));
    Session session = Session.of(peer);
    path.add(session);
    keyed.put(session.from().id(), new Keyed(path, session));
    ofPeer.put(peer, path);
    detours.known(node);
  }

  @Override
  public synchronized void forgotten(Peer peer) {
    roaming.remove(peer);
    NodePath path = ofPeer.remove(peer);
    if (path == null) {
      return;
    }
    keyed.values().removeIf(entry -> entry.session.peer().equals(peer));
    if (path.remove(peer)) {
      ofNode.remove(path.node);
      detours.forgotten(path.node);
    }
  }

  boolean knows(PeerId node) {
    return ofNode.containsKey(node);
  }

  /// Says where a peer that is no node is.
  void endpoint(Peer peer, InetSocketAddress address) {
    roaming.put(peer, new DirectWay(socket, address));
  }

  /// Says where a node is, until it is known better.
  void told(PeerId node, InetSocketAddress address) {
    NodePath path = ofNode.get(node);
    if (path != null) {
      happened(path, new PathEvent.Known(path.told(address)));
    }
  }

  /// What a node says of where it may be reached.
  void said(PeerId node, List<Candidate> candidates) {
    NodePath path = ofNode.get(node);
    if (path != null) {
      happened(path, new PathEvent.Known(path.said(candidates)));
    }
  }

  /// Something else has happened to the ways to a node; nothing if it is not known.
  void happened(PeerId node, PathEvent event) {
    NodePath path = ofNode.get(node);
    if (path != null) {
      happened(path, event);
    }
  }

  /// To all of them.
  void happened(PathEvent event) {
    ofNode.values().forEach(path -> happened(path, event));
  }

  private void happened(NodePath node, PathEvent event) {
    if (!inbox.offer(new Happened(node, event))) {
      missed.increment();
    }
  }

  /// How a node is reached now; null if none of our networks has a member there.
  @Nullable PathReport report(PeerId node) {
    NodePath path = ofNode.get(node);
    return path == null ? null : path.report();
  }

  /// Datagrams that had nowhere to go, or that the system did not take.
  long lost() {
    return lost.sum();
  }

  /// Whether it may be looked for who is somewhere.
  boolean mayGreet() {
    return greetings.take(clock.nanos(), 1);
  }

  /// Sessions with the nodes that are known to be there.
  List<Peer> peersAt(Path from) {
    return switch (from) {
      case RelayPath(PeerId _, PeerId node) -> peersOf(node);
      case StreamPath(PeerId node) -> peersOf(node);
      case UdpPath(InetSocketAddress address) ->
          ofNode.values().stream()
              .filter(node -> node.isAt(address))
              .flatMap(node -> node.peers().stream())
              .toList();
      default -> List.of();
    };
  }

  private List<Peer> peersOf(PeerId node) {
    NodePath path = ofNode.get(node);
    return path == null ? List.of() : path.peers();
  }

  // ---- packets

  @Override
  public void send(Peer peer, long address, int length, int segment) {
    NodePath node = ofPeer.get(peer);
    Way way = node == null ? roaming.get(peer) : node.way();
    int taken = 0;
    if (way != null) {
      taken = way.send(Memory.all(), address, length, segment);
    }
    int given = (length + segment - 1) / segment;
    if (taken < given) {
      lost.add(given - taken);
    }
    if (node != null && node.tellWanted(clock.nanos())) {
      happened(node, new PathEvent.Wanted());
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof UdpPath(InetSocketAddress address)) {
      sendTo(address, datagram);
    } else if (!detours.reply(to, datagram)) {
      lost.increment();
    }
  }

  private void sendTo(InetSocketAddress address, byte[] datagram) {
    try {
      socket.send(ByteBuffer.wrap(datagram), address);
    } catch (IOException e) {
      lost.increment();
    }
  }

  @Override
  public void heard(Peer peer, Path from) {
    NodePath node = ofPeer.get(peer);
    if (node != null) {
      if (node.tellHeard(clock.nanos(), from)) {
        happened(node, new PathEvent.Heard(way(from)));
      }
    } else if (from instanceof UdpPath(InetSocketAddress address)) {
      DirectWay before = roaming.get(peer);
      if (before == null || !before.address().equals(address)) {
        roaming.put(peer, new DirectWay(socket, address));
      }
    }
  }

  // ---- probes

  /// Takes a probe, on any thread: a question is answered the way that it came.
  void probe(ByteBuffer packet, Path from) {
    Probe probe =
        Probe.read(
            packet,
            id -> {
              Keyed known = keyed.get(id);
              return known == null ? null : known.session.from();
            });
    Keyed known = probe == null ? null : keyed.get(probe.key().id());
    if (probe == null || known == null) {
      return;
    }
    InetSocketAddress address = from instanceof UdpPath udp ? udp.address() : null;
    if (probe.answer()) {
      happened(known.node, new PathEvent.Answered(way(from), probe.token()));
      if (probe.seen() != null) {
        detours.seen(probe.seen());
      }
    } else if (known.node.mayAnswer(clock.nanos())) {
      reply(from, probe.answeredBy(known.session.to(), address).write());
      if (address != null) {
        happened(known.node, new PathEvent.Asked(address));
      }
    }
  }

  private static io.atoll.vpn.path.Path way(Path from) {
    return switch (from) {
      case UdpPath(InetSocketAddress address) -> new io.atoll.vpn.path.Path.Direct(address);
      case RelayPath(PeerId relay, PeerId _) -> new io.atoll.vpn.path.Path.Relayed(relay);
      default -> new io.atoll.vpn.path.Path.Stream();
    };
  }

  // ---- the thread

  private void run() {
    while (!closed) {
      try {
        long now = clock.nanos();
        Due first = agenda.peek();
        long wait = first == null ? LONGEST_SLEEP : Math.min(first.at - now, LONGEST_SLEEP);
        Happened next = wait <= 0 ? inbox.poll() : inbox.poll(wait, TimeUnit.NANOSECONDS);
        if (next != null && ofNode.get(next.node.node) == next.node) {
          step(next.node, next.event);
        }
        tick();
      } catch (InterruptedException over) {
        return;
      } catch (RuntimeException e) {
        // The way to one node must not end those to all.
        LOG.warn("the ways to other nodes: {}", e.toString(), e);
      }
    }
  }

  private void tick() {
    long now = clock.nanos();
    while (!agenda.isEmpty() && agenda.peek().at <= now) {
      Due due = agenda.poll();
      if (due.node.due == due.at && ofNode.get(due.node.node) == due.node) {
        due.node.due = Long.MAX_VALUE;
        step(due.node, new PathEvent.Tick());
      }
    }
  }

  private void step(NodePath node, PathEvent event) {
    for (PathAction action : node.machine.step(clock.nanos(), event)) {
      switch (action) {
        case PathAction.Probe(io.atoll.vpn.path.Path over, long token) -> ask(node, over, token);
        case PathAction.Use(io.atoll.vpn.path.Path path, boolean proven, String why) -> {
          LOG.debug("to {}: {}, {}", node.node, path, why);
          Way way = way(node, path);
          node.use(proven ? way : new HoldingWay(way));
        }
        case PathAction.Call() -> detours.call(node.node);
      }
    }
    node.report(node.machine.report());
    long next = node.machine.next();
    boolean quiet = next == Long.MAX_VALUE;
    if (quiet && !node.quiet) {
      detours.quiet(node.node);
    }
    node.quiet = quiet;
    if (next < node.due) {
      node.due = next;
      agenda.add(new Due(next, node));
    }
  }

  private Way way(NodePath node, io.atoll.vpn.path.Path path) {
    return switch (path) {
      case io.atoll.vpn.path.Path.Direct(InetSocketAddress address) ->
          new DirectWay(socket, address);
      case io.atoll.vpn.path.Path.Relayed(PeerId relay) -> detours.over(relay, node.node);
      case io.atoll.vpn.path.Path.Stream() -> detours.stream(node.node);
      case io.atoll.vpn.path.Path.Nowhere() -> NOWHERE;
    };
  }

  private void ask(NodePath node, io.atoll.vpn.path.Path over, long token) {
    ProbeKey key = node.key();
    if (key == null) {
      return;
    }
    byte[] question = Probe.question(key, token).write();
    switch (over) {
      case io.atoll.vpn.path.Path.Direct(InetSocketAddress address) -> {
        try {
          socket.send(ByteBuffer.wrap(question), address);
        } catch (IOException e) {
          happened(node, new PathEvent.Refused(over, String.valueOf(e.getMessage())));
        }
      }
      case io.atoll.vpn.path.Path.Relayed(PeerId relay) ->
          reply(new RelayPath(relay, node.node), question);
      case io.atoll.vpn.path.Path.Stream(), io.atoll.vpn.path.Path.Nowhere() -> {}
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    detours.close();
  }
}
