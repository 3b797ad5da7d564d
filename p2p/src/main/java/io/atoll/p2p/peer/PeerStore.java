package io.atoll.p2p.peer;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.record.SignedPeerRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What is known of other peers, bounded. Safe for threads; nothing here waits for a disk.
public final class PeerStore implements AutoCloseable {
  /// How long an address counts that a peer said of itself over a connection, or signed.
  public static final Duration SAID = Duration.ofHours(24);

  /// How long an address counts that others told.
  public static final Duration HEARSAY = Duration.ofHours(1);

  private static final Comparator<KnownAddress> BEST_FIRST =
      Comparator.comparing(KnownAddress::signed).thenComparing(KnownAddress::expires).reversed();

  private final PeerBounds bounds;
  private final InstantSource clock;
  private final @Nullable PeerFile file;

  // Under the lock of this object.
  private final Map<PeerId, KnownPeer> peers = new HashMap<>();

  private PeerStore(PeerBounds bounds, InstantSource clock, @Nullable PeerFile file) {
    this.bounds = bounds;
    this.clock = clock;
    this.file = file;
  }

  /// Forgets everything when it is closed.
  public static PeerStore inMemory() {
    return new PeerStore(PeerBounds.defaults(), InstantSource.system(), null);
  }

  /// Kept in a file, which is read now, and written some seconds after a change and at close.
  /// Whatever is wrong with the file, the store works: it then knows fewer peers.
  public static PeerStore at(Path path) {
    return at(path, PeerBounds.defaults(), InstantSource.system());
  }

  static PeerStore at(Path path, PeerBounds bounds, InstantSource clock) {
    PeerFile file = new PeerFile(path, bounds);
    PeerStore store = new PeerStore(bounds, clock, file);
    for (KnownPeer peer : file.read()) {
      store.keep(peer);
    }
    file.start(store::all);
    return store;
  }

  public synchronized Optional<KnownPeer> find(PeerId peer) {
    return Optional.ofNullable(peers.get(peer));
  }

  /// Where a peer may be reached now, the most reliable first.
  public synchronized List<Multiaddr> addresses(PeerId peer) {
    KnownPeer known = peers.get(peer);
    return known == null ? List.of() : known.reachableAt(clock.instant());
  }

  public synchronized List<KnownPeer> all() {
    return List.copyOf(peers.values());
  }

  /// Adds addresses; one that is known already counts at least as long as before.
  public void learnAddresses(PeerId peer, Collection<Multiaddr> addresses, Duration counts) {
    Instant expires = clock.instant().plus(counts);
    learn(
        peer,
        known -> {
          Map<Multiaddr, KnownAddress> all = new HashMap<>();
          known.addresses().forEach(address -> all.put(address.address(), address));
          for (Multiaddr address : addresses) {
            all.merge(
                address.withoutPeer(),
                new KnownAddress(address, expires, false),
                (old, fresh) ->
                    new KnownAddress(
                        old.address(), later(old.expires(), fresh.expires()), old.signed()));
          }
          return with(known, all.values());
        });
  }

  /// Takes a record that a peer signed, unless a newer one is known. Its addresses take the place
  /// of those signed before.
  ///
  /// @return whether it was taken; the same one again counts as taken
  public synchronized boolean learn(SignedPeerRecord record, Duration counts) {
    KnownPeer old = peers.get(record.peer());
    if (old != null
        && old.record().isPresent()
        && old.record().get().record().newerThan(record.record())) {
      return false;
    }
    Instant expires = clock.instant().plus(counts);
    learn(
        record.peer(),
        known -> {
          Map<Multiaddr, KnownAddress> all = new HashMap<>();
          for (KnownAddress address : known.addresses()) {
            if (!address.signed()) {
              all.put(address.address(), address);
            }
          }
          for (Multiaddr address : record.record().addresses()) {
            all.put(address, new KnownAddress(address, expires, true));
          }
          KnownPeer changed = with(known, all.values());
          return new KnownPeer(
              changed.id(),
              Optional.of(record.envelope().key()),
              changed.addresses(),
              changed.protocols(),
              changed.agent(),
              Optional.of(record),
              changed.dialled(),
              changed.updated());
        });
    return true;
  }

  /// What a peer says of itself; what is empty or absent leaves what was known.
  public void learnSelfDescription(
      PeerId peer, Optional<PublicKey> key, List<String> protocols, String agent) {
    if (key.isPresent() && !PeerId.of(key.get()).equals(peer)) {
      throw new IllegalArgumentException("the key is not that of peer " + peer);
    }
    List<String> kept =
        protocols.stream()
            .filter(name -> name.length() <= PeerBounds.TEXT)
            .distinct()
            .limit(bounds.protocols())
            .toList();
    learn(
        peer,
        known ->
            new KnownPeer(
                peer,
                key.or(known::key),
                known.addresses(),
                kept.isEmpty() ? known.protocols() : kept,
                agent.isEmpty() ? known.agent() : cut(agent),
                known.record(),
                known.dialled(),
                known.updated()));
  }

  /// This node dialled the peer there, and it was the peer.
  public void reached(PeerId peer, Multiaddr address) {
    learnAddresses(peer, List.of(address), SAID);
    learn(
        peer,
        known ->
            new KnownPeer(
                peer,
                known.key(),
                known.addresses(),
                known.protocols(),
                known.agent(),
                known.record(),
                true,
                known.updated()));
  }

  public synchronized void forget(PeerId peer) {
    if (peers.remove(peer) != null) {
      changed();
    }
  }

  /// Writes what is known, where it is kept in a file.
  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }

  private synchronized void learn(PeerId peer, UnaryOperator<KnownPeer> step) {
    Instant now = clock.instant();
    KnownPeer old = peers.get(peer);
    KnownPeer known = step.apply(old == null ? KnownPeer.blank(peer, now) : old);
    keep(
        new KnownPeer(
            peer,
            known.key(),
            known.addresses(),
            known.protocols(),
            known.agent(),
            known.record(),
            known.dialled(),
            now));
    changed();
  }

  private synchronized void keep(KnownPeer fresh) {
    peers.put(fresh.id(), fresh);
    if (peers.size() > bounds.peers()) {
      Instant now = clock.instant();
      peers.values().stream()
          .filter(known -> !known.id().equals(fresh.id()))
          .min(
              Comparator.comparing((KnownPeer known) -> !known.reachableAt(now).isEmpty())
                  .thenComparing(KnownPeer::dialled)
                  .thenComparing(KnownPeer::updated))
          .ifPresent(least -> peers.remove(least.id()));
    }
  }

  private void changed() {
    if (file != null) {
      file.changed();
    }
  }

  private KnownPeer with(KnownPeer known, Collection<KnownAddress> addresses) {
    Instant now = clock.instant();
    List<KnownAddress> kept = new ArrayList<>(addresses);
    kept.removeIf(address -> !address.expires().isAfter(now));
    kept.sort(BEST_FIRST);
    return new KnownPeer(
        known.id(),
        known.key(),
        kept.subList(0, Math.min(kept.size(), bounds.addresses())),
        known.protocols(),
        known.agent(),
        known.record(),
        known.dialled(),
        known.updated());
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  private static String cut(String text) {
    return text.length() <= PeerBounds.TEXT ? text : text.substring(0, PeerBounds.TEXT);
  }
}
