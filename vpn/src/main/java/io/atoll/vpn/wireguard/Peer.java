package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Blake2s;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.machine.PeerAction;
import io.atoll.vpn.wireguard.machine.PeerEvent;
import io.atoll.vpn.wireguard.machine.PeerMachine;
import io.atoll.vpn.wireguard.noise.CookieJar;
import io.atoll.vpn.wireguard.noise.Tai64n;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Somebody with whom one identity of this node has sessions. Its monitor guards its machine, what
/// waits, and which key is which; it is taken after the engine's lock and before a key's, and never
/// held while something is sent.
public final class Peer {
  private final Engine engine;
  private final LocalIdentity identity;
  private final PublicKey publicKey;

  private static final AtomicLongFieldUpdater<Peer> SENT =
      AtomicLongFieldUpdater.newUpdater(Peer.class, "sentBytes");
  private static final AtomicLongFieldUpdater<Peer> RECEIVED =
      AtomicLongFieldUpdater.newUpdater(Peer.class, "receivedBytes");

  /// Earlier than any. Nobody writes into it.
  private static final byte[] NO_STAMP = new byte[Tai64n.BYTES];

  /// What is to be done about a peer, taken all at once by `Engine.run`.
  static final class Due {
    final EnumSet<PeerAction> actions = EnumSet.noneOf(PeerAction.class);

    /// Keys that are in no place any more.
    final List<Keypair> retired = new ArrayList<>();

    /// What waits can be sealed now.
    boolean flush;
  }

  // Read on every packet without a lock; changed under the monitor.
  private volatile @Nullable Keypair current;
  private volatile @Nullable Keypair next;
  private volatile long nextTick = PeerMachine.NEVER;

  private final PeerMachine machine;
  private @Nullable Keypair previous;

  // Most peers of a large network are never spoken to: what these hold is made when it is needed.
  private @Nullable Waiting waiting;
  private @Nullable Due due;

  private boolean queued;
  private boolean removed;

  // The engine's, under its lock.
  final byte[] shared;
  private @Nullable CookieJar jar;
  PeerSettings settings;
  @Nullable HalfOpen halfOpen;
  byte[] lastStamp = NO_STAMP;
  byte[] newestStamp = NO_STAMP;
  long lastInitiation = Long.MIN_VALUE;

  private volatile long sentBytes;
  private volatile long receivedBytes;
  private volatile long sessions;

  Peer(
      Engine engine,
      LocalIdentity identity,
      PeerSettings settings,
      byte[] shared,
      RandomGenerator random) {
    this.engine = engine;
    this.identity = identity;
    this.publicKey = settings.publicKey();
    this.settings = settings;
    this.shared = shared;
    this.machine = new PeerMachine(random, settings.keepalive().toNanos());
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public LocalIdentity identity() {
    return identity;
  }

  /// A secret that only the two ends can make, for something else than sealing.
  ///
  /// @param purpose another one, another secret
  public byte[] derive(String purpose) {
    byte[] label = Blake2s.hash(purpose.getBytes(StandardCharsets.US_ASCII));
    return Blake2s.kdf(1, label, shared)[0];
  }

  /// What was sealed for it and opened from it, headers and all.
  public long sentBytes() {
    return sentBytes;
  }

  void sent(long bytes) {
    SENT.addAndGet(this, bytes);
  }

  public long receivedBytes() {
    return receivedBytes;
  }

  void received(long bytes) {
    RECEIVED.addAndGet(this, bytes);
  }

  /// What its cookies are kept in.
  CookieJar jar(AeadSuite suite) {
    CookieJar known = jar == null ? new CookieJar(suite, publicKey) : jar;
    jar = known;
    return known;
  }

  /// How many sessions there have been.
  public long sessions() {
    return sessions;
  }

  /// Whether something can be sealed for it now.
  public boolean connected(long now) {
    return usable(now) != null;
  }

  /// The key to seal with; null if there is none that may be used.
  @Nullable Keypair usable(long now) {
    Keypair key = current;
    return key != null && key.fresh(now) ? key : null;
  }

  /// When `TICK` is due.
  long nextTick() {
    return nextTick;
  }

  void event(long now, PeerEvent event) {
    boolean queue;
    synchronized (this) {
      if (removed) {
        return;
      }
      plan(machine.step(now, event));
      nextTick = machine.next();
      queue = mustQueue();
    }
    engine.wakeFor(this, queue);
  }

  void keepalive(long interval) {
    synchronized (this) {
      machine.persistentInterval(interval);
      nextTick = machine.next();
    }
    engine.wakeFor(this, false);
  }

  /// Keeps a packet until there is a key.
  ///
  /// @return how many others were dropped for it
  synchronized int await(byte[] packet) {
    if (removed) {
      return 1;
    }
    Waiting with = waiting == null ? new Waiting() : waiting;
    waiting = with;
    return with.add(packet);
  }

  /// The first that waits.
  synchronized byte @Nullable [] nextWaiting() {
    return waiting == null ? null : waiting.next();
  }

  synchronized boolean somethingWaits() {
    return waiting != null && !waiting.isEmpty();
  }

  synchronized int dropWaiting() {
    return waiting == null ? 0 : waiting.drop();
  }

  synchronized Due takeDue() {
    Due taken = due();
    due = null;
    queued = false;
    return taken;
  }

  synchronized List<Keypair> takeRetired() {
    if (due == null) {
      return List.of();
    }
    List<Keypair> taken = List.copyOf(due.retired);
    due.retired.clear();
    return taken;
  }

  private Due due() {
    Due known = due == null ? new Due() : due;
    due = known;
    return known;
  }

  /// A session that we began: the other side has its key, so it is used at once. What the other
  /// side began meanwhile becomes the past, as it may be in use.
  synchronized void established(Keypair key) {
    retire(previous);
    if (next != null) {
      previous = next;
      next = null;
      retire(current);
    } else {
      previous = current;
    }
    current = key;
    sessions++;
    due().flush = true;
  }

  /// A session that the other side began: it is used when it is heard to have its key.
  synchronized void answered(Keypair key) {
    retire(next);
    retire(previous);
    previous = null;
    next = key;
  }

  /// A packet was opened with a key. If it is the next, it is the current one from now on.
  void opened(long now, Keypair key) {
    if (next != key) {
      return;
    }
    boolean queue;
    synchronized (this) {
      if (removed || next != key) {
        return;
      }
      retire(previous);
      previous = current;
      current = key;
      next = null;
      sessions++;
      due().flush = true;
      plan(machine.step(now, PeerEvent.KEY_CONFIRMED));
      nextTick = machine.next();
      queue = mustQueue();
    }
    engine.wakeFor(this, queue);
  }

  /// All keys are forgotten; they come back by `takeDue`.
  synchronized void wipe() {
    retire(previous);
    retire(current);
    retire(next);
    previous = null;
    current = null;
    next = null;
  }

  /// From now on nothing happens to it.
  synchronized void remove() {
    wipe();
    waiting = null;
    if (due != null) {
      due.actions.clear();
    }
    removed = true;
    nextTick = PeerMachine.NEVER;
  }

  private void plan(Set<PeerAction> actions) {
    // Mostly none, and going through none would make an iterator for each packet.
    if (!actions.isEmpty()) {
      due().actions.addAll(actions);
    }
  }

  private void retire(@Nullable Keypair key) {
    if (key != null) {
      due().retired.add(key);
    }
  }

  private boolean mustQueue() {
    boolean queue = !queued && due != null;
    queued |= queue;
    return queue;
  }

  @Override
  public String toString() {
    return "Peer[" + publicKey + "]";
  }
}
