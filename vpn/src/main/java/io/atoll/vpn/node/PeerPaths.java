package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathAction;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.path.Probe;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.Memory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
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

  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSING_MILLIS = 5000;

  /// Anybody can send what makes us look for who is somewhere.
  private static final int LOOKS_A_SECOND = 500;

  private static final Way NOWHERE = (_, _, _, _) -> 0;

  /// A node need not be told more often where it has been seen.
  private static final long TELL_SEEN = TimeUnit.SECONDS.toNanos(10);

  private static final PathEvent WANTED = new PathEvent.Wanted();
  private static final PathEvent TICK = new PathEvent.Tick();

  private record Due(long at, NodePath node) {}

  private final UdpSocket socket;
  private final EngineClock clock;
  private final RandomGenerator random;
  private final Detours detours;
  private final Map<Peer, NodePath> ofPeer = new ConcurrentHashMap<>();
  private final Map<PeerId, NodePath> ofNode = new ConcurrentHashMap<>();
  private final Map<Peer, DirectWay> roaming = new ConcurrentHashMap<>();
  private final Map<Long, Session> keyed = new ConcurrentHashMap<>();

  /// The keys of these, in order: asked for each probe, and without an object.
  private volatile long[] known = {};

  private final PathInbox inbox = new PathInbox();
  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>((one, other) -> Long.compare(one.at, other.at));
  private final Allowance looks = new Allowance(LOOKS_A_SECOND, LOOKS_A_SECOND);
  private final LongAdder lost = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final Thread thread;
  private volatile boolean closed;

  // Of the thread.
  private final Probe probe = new Probe();
  private @Nullable InetSocketAddress seen;
  private long seenAt;

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
    Session session = path.add(peer);
    keyed.put(session.id, session);
    known = keys();
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
    keyed.values().removeIf(session -> session.peer.equals(peer));
    known = keys();
    if (path.remove(peer).isEmpty()) {
      ofNode.remove(path.node);
      detours.forgotten(path.node);
    }
  }

  private long[] keys() {
    return keyed.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
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
    if (!inbox.happened(node, event)) {
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

  /// Sessions with the nodes that are known to be there and may be greeted now.
  List<Peer> toGreet(Path from) {
    long now = clock.nanos();
    return switch (from) {
      case RelayPath(PeerId _, PeerId node) -> toGreet(now, node);
      case StreamPath(PeerId node) -> toGreet(now, node);
      case UdpPath(InetSocketAddress address) ->
          looks.take(now, 1)
              ? ofNode.values().stream()
                  .filter(node -> node.isAt(address) && node.mayGreet(now))
                  .flatMap(node -> node.peers().stream())
                  .toList()
              : List.of();
      default -> List.of();
    };
  }

  private List<Peer> toGreet(long now, PeerId node) {
    NodePath path = ofNode.get(node);
    return path == null || !path.mayGreet(now) ? List.of() : path.peers();
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
      happened(node, WANTED);
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof UdpPath(InetSocketAddress address)) {
      sendTo(address, ByteBuffer.wrap(datagram));
    } else if (!detours.reply(to, datagram)) {
      lost.increment();
    }
  }

  private void sendTo(InetSocketAddress address, ByteBuffer datagram) {
    try {
      socket.send(datagram, address);
    } catch (IOException e) {
      lost.increment();
    }
  }

  @Override
  public void heard(Peer peer, Path from) {
    NodePath node = ofPeer.get(peer);
    if (node != null) {
      PathEvent event = node.tellHeard(clock.nanos(), from);
      if (event != null) {
        happened(node, event);
      }
    } else if (from instanceof UdpPath(InetSocketAddress address)) {
      DirectWay before = roaming.get(peer);
      if (before == null || !before.address().equals(address)) {
        roaming.put(peer, new DirectWay(socket, address));
      }
    }
  }

  // ---- probes

  /// Takes a probe, on any thread: what it is, and what comes of it, is found by that of the paths,
  /// so that those who carry packets lose no time with it.
  void probe(ByteBuffer packet, Path from) {
    if (Arrays.binarySearch(known, Probe.key(packet)) < 0) {
      return; // Whoever makes such up takes no room of those that are genuine.
    }
    if (!inbox.came(packet, from, clock.nanos())) {
      missed.increment();
    }
  }

  /// A question is answered the way that it came.
  private void probed(ByteBuffer packet, Path from, long cameAt) {
    Session session = keyed.get(Probe.key(packet));
    if (session == null
        || ofNode.get(session.node.node) != session.node
        || !probe.read(packet, session.from())) {
      return;
    }
    CameBy by = session.node.probed(from);
    if (probe.answer()) {
      step(session.node, new PathEvent.Answered(by.way(), probe.token()), cameAt);
      seen(probe.seen(), cameAt);
    } else if (session.node.mayAnswer(cameAt)) {
      PathEvent.Asked asked = by.asked();
      InetSocketAddress address = asked == null ? null : asked.from();
      send(from, probe.answer(session.to(), probe.token(), address));
      if (asked != null) {
        step(session.node, asked, cameAt);
      }
    }
  }

  private void send(Path to, ByteBuffer written) {
    if (to instanceof UdpPath(InetSocketAddress address)) {
      sendTo(address, written);
    } else {
      byte[] copy = new byte[written.remaining()];
      written.get(written.position(), copy);
      reply(to, copy);
    }
  }

  @SuppressWarnings("ReferenceEquality") // a probe gives the same object for the same address
  private void seen(@Nullable InetSocketAddress where, long now) {
    if (where != null && (where != seen || now - seenAt > TELL_SEEN)) {
      seen = where;
      seenAt = now;
      detours.seen(where);
    }
  }

  // ---- the thread

  private void run() {
    PathInbox.Taken taken = new PathInbox.Taken();
    while (!closed) {
      try {
        Due first = agenda.peek();
        long wait = first == null ? LONGEST_SLEEP : first.at - clock.nanos();
        inbox.await(Math.min(wait, LONGEST_SLEEP));
        if (inbox.takeEvent(taken)) {
          NodePath node = taken.node;
          PathEvent event = taken.event;
          if (node != null && event != null && ofNode.get(node.node) == node) {
            step(node, event, clock.nanos());
          }
        }
        if (inbox.takeProbe(taken) && taken.from != null) {
          probed(taken.probe, taken.from, taken.cameAt);
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
        step(due.node, TICK, clock.nanos());
      }
    }
  }

  private void step(NodePath node, PathEvent event, long now) {
    List<PathAction> actions = node.step(now, event);
    for (int i = 0; i < actions.size(); i++) {
      switch (actions.get(i)) {
        case PathAction.Probe(io.atoll.vpn.path.Path over, long token) -> ask(node, over, token);
        case PathAction.Use(io.atoll.vpn.path.Path path, boolean proven, String why) -> {
          LOG.debug("to {}: {}, {}", node.node, path, why);
          Way way = way(node, path);
          node.use(proven ? way : new HoldingWay(way));
        }
        case PathAction.Call() -> detours.call(node.node);
      }
    }
    long next = node.next();
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
    Session session = node.any();
    if (session == null) {
      return;
    }
    ByteBuffer question = probe.question(session.to(), token);
    switch (over) {
      case io.atoll.vpn.path.Path.Direct(InetSocketAddress address) -> {
        try {
          socket.send(question, address);
        } catch (IOException e) {
          happened(node, new PathEvent.Refused(over, String.valueOf(e.getMessage())));
        }
      }
      case io.atoll.vpn.path.Path.Relayed(PeerId relay) ->
          send(new RelayPath(relay, node.node), question);
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
