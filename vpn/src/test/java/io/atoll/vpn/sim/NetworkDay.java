package io.atoll.vpn.sim;

import io.atoll.vpn.gateway.tcp.TcpEnd;
import io.atoll.vpn.path.Path;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A network of four nodes for a day: packets are lost, doubled and overtake each other; nodes
/// move, with and without knowing it; the hub is away for up to ten minutes, daemons are killed,
/// keys change, walls' clocks jump back. Every connection that was opened has to live through all
/// of it, sessions have to be renewed, and in the end nothing may be left.
final class NetworkDay {
  static final int NODES = 4;
  static final long SECOND = 1_000_000_000L;
  private static final int TALKS = 8;

  /// More than this at once no engine needs: a session of before, of now and of next, and one that
  /// begins, for each peer.
  private static final int MOST_INDICES = 4 * (NODES - 1);

  /// What somebody might have forgotten.
  enum Bug {
    /// Nobody learns from packets where they came from.
    NO_ROAMING,

    /// A key that was replaced stays.
    KEEPS_OLD_KEY
  }

  /// A promise that was broken.
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super(what);
    }
  }

  /// What a day was like.
  record Result(
      long datagrams,
      long lost,
      long sessions,
      long bytes,
      int moves,
      int restarts,
      int outages,
      int newKeys,
      int jumps) {}

  /// Something on the wire: a datagram, or a probe and its answer with their token.
  private record Flying(
      long at,
      long order,
      InetSocketAddress from,
      InetSocketAddress to,
      byte @Nullable [] datagram,
      boolean answer,
      long token)
      implements Comparable<Flying> {
    @Override
    public int compareTo(Flying other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private record Planned(long at, long order, Runnable what) implements Comparable<Planned> {
    @Override
    public int compareTo(Planned other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  final Random random;
  final AeadSuite suite = AeadSuite.choose();
  private final long seed;
  private final Set<Bug> bugs;
  private final Map<InetSocketAddress, DayNode> at = new HashMap<>();
  private final List<DayNode> nodes = new ArrayList<>();
  private final List<Talk> talks = new ArrayList<>();
  private final PriorityQueue<Flying> flying = new PriorityQueue<>();
  private final PriorityQueue<Planned> plans = new PriorityQueue<>();
  private long now = 1000 * SECOND;
  private long order;
  private double loss = 0.01;
  private boolean hub = true;
  private boolean movedWithoutHub;
  private int @Nullable [] blocked;
  private int ports = 7464;
  private boolean open = true;

  private long datagrams;
  private long lost;
  private long sessionsBefore;
  private int moves;
  private int restarts;
  private int outages;
  private int newKeys;
  private int jumps;

  private NetworkDay(long seed, Set<Bug> bugs) {
    this.seed = seed;
    this.random = new Random(seed);
    this.bugs = bugs.isEmpty() ? EnumSet.noneOf(Bug.class) : EnumSet.copyOf(bugs);
  }

  /// @throws Broken with the seed, if a promise was
  static Result run(long seed, Duration length, Set<Bug> bugs) {
    NetworkDay day = new NetworkDay(seed, bugs);
    return day.live(length.toNanos());
  }

  Broken broken(String what) {
    return new Broken(
        what + " after " + (now / SECOND - 1000) + " s (again: -Datoll.sim.seed=" + seed + ")");
  }

  boolean has(Bug bug) {
    return bugs.contains(bug);
  }

  long now() {
    return now;
  }

  /// The address of a node's member.
  static int member(int node) {
    return 10 << 24 | 7 << 16 | (2 + node);
  }

  PrivateKey key() {
    byte[] scalar = new byte[PublicKey.BYTES];
    random.nextBytes(scalar);
    return new PrivateKey(scalar);
  }

  private Result live(long length) {
    for (int i = 0; i < NODES; i++) {
      DayNode node = new DayNode(this, i, fresh(i));
      nodes.add(node);
      at.put(node.address, node);
    }
    tellKeys();
    tellAddresses();
    for (int i = 0; i < TALKS; i++) {
      int from = i % NODES;
      Talk talk = new Talk(this, 100 + i, from, (from + 1 + i / NODES) % NODES);
      talks.add(talk);
      talk.client.open();
    }
    pass(30 * SECOND);
    for (Talk talk : talks) {
      if (!talk.client.established || !talk.server.established) {
        throw broken("connection " + talk.port + " was never made");
      }
      ask(talk);
    }
    planAll();
    pass(length);
    end();
    return new Result(
        datagrams,
        lost,
        sessions(),
        talks.stream().mapToLong(talk -> talk.asked).sum(),
        moves,
        restarts,
        outages,
        newKeys,
        jumps);
  }

  private long sessions() {
    long sum = sessionsBefore;
    for (DayNode node : nodes) {
      sum += sessions(node);
    }
    return sum;
  }

  private static long sessions(DayNode node) {
    long sum = 0;
    for (Peer peer : node.peers) {
      sum += peer == null ? 0 : peer.sessions();
    }
    return sum;
  }

  private InetSocketAddress fresh(int node) {
    byte[] ip = {(byte) 198, 51, (byte) random.nextInt(256), (byte) (1 + node)};
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), ports++ % 50_000 + 1024);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  // What the hub does.

  private void tellKeys() {
    for (DayNode node : nodes) {
      for (DayNode other : nodes) {
        if (!node.equals(other)) {
          node.learn(other.number, other.key.publicKey());
        }
      }
    }
  }

  private void tellAddresses() {
    for (DayNode node : nodes) {
      for (DayNode other : nodes) {
        if (!node.equals(other)) {
          node.told(other.number, other.address);
        }
      }
    }
  }

  // What happens in a day.

  private void planAll() {
    every(600, this::move);
    every(1500, this::restart);
    every(1800, this::outage);
    every(2400, this::rotate);
    every(3000, this::jump);
    every(300, this::weather);
    every(900, this::block);
    every(60, this::check);
  }

  /// About so often, at random.
  private void every(int seconds, Runnable what) {
    long wait = (long) ((0.5 + random.nextDouble()) * seconds * SECOND);
    plan(
        wait,
        () -> {
          if (open) {
            what.run();
            every(seconds, what);
          }
        });
  }

  private void plan(long wait, Runnable what) {
    plans.add(new Planned(now + wait, order++, what));
  }

  private DayNode anyNode() {
    return nodes.get(random.nextInt(NODES));
  }

  /// A gateway that forgets is not noticed: then the hub sees where the node comes from.
  private void move() {
    if (!hub && movedWithoutHub) {
      return; // Two that move at once, and nobody to tell them, do not find each other again.
    }
    boolean notices = !hub || random.nextInt(10) < 7;
    movedWithoutHub |= !hub;
    moves++;
    DayNode node = anyNode();
    at.remove(node.address);
    node.address = fresh(node.number);
    at.put(node.address, node);
    if (notices) {
      node.moved();
    }
    if (hub && !has(Bug.NO_ROAMING)) {
      plan((1 + random.nextInt(10)) * SECOND, this::tellIfThere);
    }
  }

  private void tellIfThere() {
    if (hub) {
      tellAddresses();
    }
  }

  private void restart() {
    restarts++;
    DayNode node = anyNode();
    sessionsBefore += sessions(node);
    node.restart();
  }

  private void outage() {
    outages++;
    hub = false;
    plan(
        (1 + random.nextInt(600)) * SECOND,
        () -> {
          hub = true;
          movedWithoutHub = false;
          if (!has(Bug.NO_ROAMING)) {
            tellAddresses();
          }
        });
  }

  /// The node uses the new key at once; the others hear of it one after the other.
  private void rotate() {
    if (!hub) {
      return;
    }
    newKeys++;
    DayNode node = anyNode();
    sessionsBefore += sessions(node);
    PrivateKey next = key();
    node.rotate(next);
    for (DayNode other : nodes) {
      if (!other.equals(node)) {
        plan(
            random.nextInt(5000) * SECOND / 1000,
            () -> {
              Peer before = other.peers[node.number];
              if (node.key.publicKey().equals(next.publicKey()) && before != null) {
                sessionsBefore += before.sessions();
                other.learn(node.number, next.publicKey());
              }
            });
      }
    }
  }

  private void jump() {
    jumps++;
    DayNode node = anyNode();
    node.wallSkew = node.wallSkew.minusSeconds(random.nextInt(7200));
  }

  private void weather() {
    loss = random.nextInt(3) == 0 ? 0.0 : random.nextDouble() * 0.05;
  }

  /// Two nodes do not hear each other for a while.
  private void block() {
    int one = random.nextInt(NODES);
    blocked = new int[] {one, (one + 1 + random.nextInt(NODES - 1)) % NODES};
    plan((1 + random.nextInt(40)) * SECOND, () -> blocked = null);
  }

  private void ask(Talk talk) {
    if (talk.answered()) {
      long bytes = 1 + random.nextInt(random.nextInt(8) == 0 ? 20_000 : 2_000);
      talk.asked += bytes;
      talk.client.write(bytes);
    }
    talk.nextAt = now + (long) ((0.2 + random.nextDouble() * 20) * SECOND);
  }

  private void check() {
    for (Talk talk : talks) {
      for (Talk.End end : List.of(talk.client, talk.server)) {
        TcpEnd over = end.over;
        if (over != null) {
          throw broken("connection " + talk.port + " is over: " + over);
        }
      }
    }
    for (DayNode node : nodes) {
      if (node.engine.openIndices() > MOST_INDICES) {
        throw broken(node.engine.openIndices() + " indices are open on node " + node.number);
      }
      if (node.engine.identities().size() != 1) {
        throw broken("node " + node.number + " has " + node.engine.identities().size() + " keys");
      }
    }
    if (flying.size() > 10_000) {
      throw broken(flying.size() + " datagrams are on their way");
    }
  }

  /// Fair weather; what is open is closed, and what was held for it has to go.
  private void end() {
    open = false;
    loss = 0;
    blocked = null;
    hub = true;
    if (!has(Bug.NO_ROAMING)) {
      tellAddresses();
    }
    long patience = now + 400 * SECOND;
    while (!talks.stream().allMatch(Talk::answered)) {
      if (now > patience) {
        throw broken("a question was never answered");
      }
      pass(SECOND);
    }
    check();
    talks.forEach(talk -> talk.client.shutdown());
    pass(30 * SECOND);
    talks.forEach(talk -> talk.server.shutdown());
    pass(90 * SECOND);
    for (Talk talk : talks) {
      if (talk.client.over != TcpEnd.CLOSED || talk.server.over != TcpEnd.CLOSED) {
        throw broken("connection " + talk.port + " did not close");
      }
    }
    pass(1200 * SECOND);
    for (DayNode node : nodes) {
      if (node.engine.openIndices() != 0) {
        throw broken(node.engine.openIndices() + " indices stay open on node " + node.number);
      }
    }
    if (!flying.isEmpty()) {
      throw broken(flying.size() + " datagrams fly without end");
    }
  }

  // The wire.

  void send(int node, byte[] packet) {
    nodes.get(node).send(packet);
  }

  void delivered(int node, byte[] packet) {
    int source = (packet[20] & 0xff) << 8 | (packet[21] & 0xff);
    int target = (packet[22] & 0xff) << 8 | (packet[23] & 0xff);
    for (Talk talk : talks) {
      if (target == talk.port && talk.server.node == node) {
        talk.server.arrived(packet);
        return;
      }
      if (source == talk.port && talk.client.node == node) {
        talk.client.arrived(packet);
        return;
      }
    }
    throw broken("a packet came to node " + node + " that belongs to nobody there");
  }

  void fly(DayNode from, InetSocketAddress to, byte[] datagram) {
    datagrams++;
    fly(from, to, datagram, false, 0);
  }

  void probe(DayNode from, InetSocketAddress to, long token) {
    fly(from, to, null, false, token);
  }

  private void fly(
      DayNode from, InetSocketAddress to, byte @Nullable [] datagram, boolean answer, long token) {
    if (random.nextDouble() < loss) {
      lost++;
      return;
    }
    int copies = random.nextInt(200) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long delay = SECOND / 50 + random.nextLong(random.nextInt(10) == 0 ? SECOND / 10 : 1_000_000);
      flying.add(new Flying(now + delay, order++, from.address, to, datagram, answer, token));
    }
  }

  private void land(Flying one) {
    DayNode to = at.get(one.to);
    DayNode from = at.get(one.from);
    if (to == null || isBlocked(from, to)) {
      lost++;
      return;
    }
    if (one.datagram != null) {
      to.received(one.datagram, one.from);
    } else if (!one.answer) {
      fly(to, one.from, null, true, one.token);
    } else if (from != null) {
      to.act(from.number, new PathEvent.Answered(new Path.Direct(one.from), one.token));
    }
  }

  private boolean isBlocked(@Nullable DayNode from, DayNode to) {
    int[] pair = blocked;
    return pair != null
        && from != null
        && (pair[0] == from.number && pair[1] == to.number
            || pair[1] == from.number && pair[0] == to.number);
  }

  // Time.

  private void pass(long time) {
    long end = now + time;
    int still = 0;
    while (true) {
      long before = now;
      now = Math.max(now, Math.min(end, next()));
      still = now == before ? still + 1 : 0;
      if (still > 1_000_000) {
        throw broken("time stands still");
      }
      boolean idle = step();
      if (now >= end && idle) {
        return;
      }
    }
  }

  private long next() {
    long next = Long.MAX_VALUE;
    Flying first = flying.peek();
    if (first != null) {
      next = first.at;
    }
    Planned plan = plans.peek();
    if (plan != null) {
      next = Math.min(next, plan.at);
    }
    for (DayNode node : nodes) {
      next = Math.min(next, Math.min(node.engineAt, node.waysAt()));
    }
    for (Talk talk : talks) {
      next = Math.min(next, talk.client.machine.deadline());
      next = Math.min(next, talk.server.machine.deadline());
      if (open && talk.nextAt > 0) {
        next = Math.min(next, talk.nextAt);
      }
    }
    return next;
  }

  /// @return whether there was nothing to do
  private boolean step() {
    boolean idle = true;
    Flying first = flying.peek();
    while (first != null && first.at <= now) {
      flying.poll();
      land(first);
      first = flying.peek();
      idle = false;
    }
    Planned plan = plans.peek();
    while (plan != null && plan.at <= now) {
      plans.poll();
      plan.what.run();
      plan = plans.peek();
      idle = false;
    }
    for (DayNode node : nodes) {
      if (node.engineAt <= now) {
        node.run();
        idle = false;
      }
      if (node.waysAt() <= now) {
        node.lookAfterWays();
      }
    }
    for (Talk talk : talks) {
      for (Talk.End end : List.of(talk.client, talk.server)) {
        if (end.machine.deadline() <= now) {
          end.turn();
          idle = false;
        }
      }
      if (open && talk.nextAt > 0 && talk.nextAt <= now) {
        ask(talk);
        idle = false;
      }
    }
    return idle;
  }
}
