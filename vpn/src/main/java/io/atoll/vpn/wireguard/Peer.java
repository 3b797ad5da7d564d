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
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Somebody with whom one identity of this node has sessions. Its monitor guards its machine, what
/// waits, and which key is which; it is taken after the engine's lock and before a key's, and never
/// held while something is sent.
public final class Peer {
  private final Engine engine;
  private final LocalIdentity identity;
  private final PublicKey publicKey;

  /// What is to be done about a peer, taken all at once by `Engine.run`.
  ///
  /// @param flush what waits can be sealed now
  /// @param retired keys that are in no place any more
  record Due(Set<PeerAction> actions, boolean flush, List<Keypair> retired) {}

  // Read on every packet without a lock; changed under the monitor.
  private volatile @Nullable Keypair current;
  private volatile @Nullable Keypair next;
  private volatile long nextTick = PeerMachine.NEVER;

  private final PeerMachine machine;
  private final Waiting waiting = new Waiting();
  private @Nullable Keypair previous;
  private EnumSet<PeerAction> due = EnumSet.noneOf(PeerAction.class);
  private boolean flush;
  private List<Keypair> retired = new ArrayList<>();
  private boolean queued;
  private boolean removed;

  // The engine's, under its lock.
  final byte[] shared;
  final CookieJar jar;
  PeerSettings settings;
  @Nullable HalfOpen halfOpen;
  byte[] lastStamp = new byte[Tai64n.BYTES];
  byte[] newestStamp = new byte[Tai64n.BYTES];
  long lastInitiation = Long.MIN_VALUE;

  final AtomicLong sentBytes = new AtomicLong();
  final AtomicLong receivedBytes = new AtomicLong();
  private volatile long sessions;

  Peer(
      Engine engine,
      LocalIdentity identity,
      PeerSettings settings,
      byte[] shared,
      AeadSuite suite,
      RandomGenerator random) {
    this.engine = engine;
    this.identity = identity;
    this.publicKey = settings.publicKey();
    this.settings = settings;
    this.shared = shared;
    this.jar = new CookieJar(suite, publicKey);
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
    return sentBytes.get();
  }

  public long receivedBytes() {
    return receivedBytes.get();
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
    return removed ? 1 : waiting.add(packet);
  }

  /// The first that waits.
  synchronized byte @Nullable [] nextWaiting() {
    return waiting.next();
  }

  synchronized boolean somethingWaits() {
    return !waiting.isEmpty();
  }

  synchronized int dropWaiting() {
    return waiting.drop();
  }

  synchronized Due takeDue() {
    Due taken = new Due(due, flush, retired);
    due = EnumSet.noneOf(PeerAction.class);
    flush = false;
    retired = new ArrayList<>();
    queued = false;
    return taken;
  }

  synchronized List<Keypair> takeRetired() {
    List<Keypair> taken = retired;
    retired = new ArrayList<>();
    return taken;
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
    flush = true;
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
      flush = true;
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
    waiting.drop();
    due.clear();
    removed = true;
    nextTick = PeerMachine.NEVER;
  }

  private void plan(Set<PeerAction> actions) {
    // Mostly none, and going through none would make an iterator for each packet.
    if (!actions.isEmpty()) {
      due.addAll(actions);
    }
  }

  private void retire(@Nullable Keypair key) {
    if (key != null) {
      retired.add(key);
    }
  }

  private boolean mustQueue() {
    boolean queue = !queued && (!due.isEmpty() || flush || !retired.isEmpty());
    queued |= queue;
    return queue;
  }

  @Override
  public String toString() {
    return "Peer[" + publicKey + "]";
  }
}
