package io.atoll.vpn.wireguard;

import io.atoll.core.term.Cidr;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.machine.HandshakeGuard;
import io.atoll.vpn.wireguard.machine.PeerEvent;
import io.atoll.vpn.wireguard.machine.PeerMachine;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/// All identities of a node, their peers and sessions, on one socket. Its monitor guards who there
/// is and all handshakes; packets of data never take it. It has no thread: `run` does what is due.
public final class Engine implements AutoCloseable {
  /// Handshake messages that may wait for `run`; more would wait for longer than they are worth.
  static final int QUEUE = 512;

  /// How many of them `run` answers before it looks at the timers again.
  private static final int MOST_AT_ONCE = QUEUE / 8;

  private final EngineClock clock;
  private final RandomGenerator random;
  private final Paths paths;
  private final IndexTable indices;
  private final Handshakes handshakes;
  private final List<LocalIdentity> identities = new CopyOnWriteArrayList<>();
  private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

  private final ArrayBlockingQueue<Received> received = new ArrayBlockingQueue<>(QUEUE);
  private final Queue<Peer> due = new ConcurrentLinkedQueue<>();
  private volatile long planned = PeerMachine.NEVER;
  private volatile Runnable waker = () -> {};

  /// @param message of a handshake, by its type and length
  record Received(byte[] message, Path from) {}

  /// @param random that nobody can guess: keys and indices are made with it
  public Engine(EngineClock clock, RandomGenerator random, AeadSuite suite, Paths paths) {
    this.clock = clock;
    this.random = random;
    this.paths = paths;
    this.indices = new IndexTable(random);
    this.handshakes = new Handshakes(this, clock, random, suite, indices, new HandshakeGuard());
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, new LongAdder());
    }
  }

  /// From now on the engine answers as this identity, too.
  public synchronized LocalIdentity add(PrivateKey key) {
    for (LocalIdentity identity : identities) {
      if (identity.publicKey().equals(key.publicKey())) {
        throw new IllegalArgumentException("the identity " + key.publicKey() + " is here already");
      }
    }
    LocalIdentity identity = new LocalIdentity(key);
    identities.add(identity);
    return identity;
  }

  /// Forgets an identity and all its peers.
  public synchronized void remove(LocalIdentity identity) {
    identity.peers().forEach(this::remove);
    identities.remove(identity);
    handshakes.forget(identity);
  }

  /// A peer and its allowed addresses, which are taken from whoever of this identity had them.
  public synchronized Peer add(LocalIdentity identity, PeerSettings settings) {
    PublicKey publicKey = settings.publicKey();
    byte[] shared = identity.key().agree(publicKey.bytes());
    if (shared == null || publicKey.equals(identity.publicKey())) {
      throw new IllegalArgumentException("nobody can be reached by the key " + publicKey);
    }
    Peer peer = new Peer(this, identity, settings, shared, random);
    if (!identity.add(peer)) {
      throw new IllegalArgumentException("the peer " + publicKey + " is there already");
    }
    settings.allowedIps().forEach(prefix -> identity.routes().put(prefix, peer));
    peer.event(clock.nanos(), PeerEvent.RESET);
    return peer;
  }

  /// Changes what is known of a peer; its sessions go on.
  public synchronized void update(Peer peer, PeerSettings settings) {
    if (!settings.publicKey().equals(peer.publicKey())) {
      throw new IllegalArgumentException("another key is another peer");
    }
    for (Cidr prefix : peer.settings.allowedIps()) {
      if (!settings.allowedIps().contains(prefix)) {
        peer.identity().routes().remove(prefix, peer);
      }
    }
    settings.allowedIps().forEach(prefix -> peer.identity().routes().put(prefix, peer));
    if (!settings.keepalive().equals(peer.settings.keepalive())) {
      peer.keepalive(settings.keepalive().toNanos());
    }
    peer.settings = settings;
  }

  /// Forgets a peer, its addresses and its keys.
  public synchronized void remove(Peer peer) {
    peer.settings.allowedIps().forEach(prefix -> peer.identity().routes().remove(prefix, peer));
    peer.identity().remove(peer);
    peer.remove();
    handshakes.forget(peer);
    paths.forgotten(peer);
  }

  public List<LocalIdentity> identities() {
    return List.copyOf(identities);
  }

  /// For a thread that reads packets of an identity.
  ///
  /// @param mtu that padding does not exceed; 0 for none
  public Outbound outbound(LocalIdentity identity, int mtu) {
    return new Outbound(this, identity, mtu);
  }

  /// For a thread that reads the socket.
  public Inbound inbound() {
    return new Inbound(this);
  }

  /// Begins a session even if there is one.
  public void rekey(Peer peer) {
    peer.event(clock.nanos(), PeerEvent.RESET);
    peer.event(clock.nanos(), PeerEvent.WAITING);
  }

  /// Begins a session if there is none that can be used, and none was begun a moment ago.
  public void want(Peer peer) {
    long now = clock.nanos();
    if (!peer.connected(now)) {
      peer.event(now, PeerEvent.WAITING);
    }
  }

  /// Does what is due: handshakes that came, what peers' machines want, timers.
  ///
  /// @return when to call it again, at the latest
  public synchronized long run() {
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      Received message = received.poll();
      if (message == null) {
        break;
      }
      count(handshakes.received(message.message(), message.from()));
    }
    long now = clock.nanos();
    for (LocalIdentity identity : identities) {
      for (Peer peer : identity.known()) {
        if (peer.nextTick() <= now) {
          peer.event(now, PeerEvent.TICK);
        }
      }
    }
    for (Peer peer = due.poll(); peer != null; peer = due.poll()) {
      handshakes.act(peer, peer.takeDue());
    }
    // Whoever sets a timer from here on wakes this thread again.
    planned = PeerMachine.NEVER;
    long next = received.isEmpty() ? PeerMachine.NEVER : now;
    for (LocalIdentity identity : identities) {
      for (Peer peer : identity.known()) {
        next = Math.min(next, peer.nextTick());
      }
    }
    planned = next;
    return next;
  }

  /// Asks every stranger for a cookie, or only when there are many.
  public synchronized void alwaysAskForCookies(boolean always) {
    handshakes.alwaysAskForCookies(always);
  }

  /// How many packets came to this end since the engine was made.
  public long counted(Outcome outcome) {
    return counter(outcome).sum();
  }

  /// Sessions and handshakes that have an index.
  public synchronized int openIndices() {
    return indices.count();
  }

  @Override
  public synchronized void close() {
    identities.forEach(this::remove);
  }

  /// Called when `run` should be, from any thread; it must not wait.
  void waker(Runnable waker) {
    this.waker = waker;
  }

  boolean offer(byte[] message, Path from) {
    boolean taken = received.offer(new Received(message, from));
    waker.run();
    return taken;
  }

  void wakeFor(Peer peer, boolean queue) {
    if (queue) {
      due.add(peer);
      waker.run();
    } else if (peer.nextTick() < planned) {
      waker.run();
    }
  }

  void count(Outcome outcome) {
    counter(outcome).increment();
  }

  void count(Outcome outcome, long times) {
    counter(outcome).add(times);
  }

  private LongAdder counter(Outcome outcome) {
    return Objects.requireNonNull(counts.get(outcome));
  }

  IndexTable indices() {
    return indices;
  }

  Paths paths() {
    return paths;
  }
}
