package io.atoll.daemon.peers;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.filter.Handshakes;
import io.atoll.p2p.filter.PeerFacts;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.transport.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whom discovery meets: of those that were found it dials whom this node wants, its own kind
/// first, up to the bound of its profile. What it learns of a peer later may end a connection that
/// it made; those that others made, or somebody named, are none of its business.
final class Meetings {
  private static final Logger LOG = LoggerFactory.getLogger(Meetings.class);
  private static final Duration DIAL = Duration.ofSeconds(8);
  private static final int DIALLED = 16;
  private static final String TAG = "discovered";

  /// A peer that somebody told of.
  record Found(PeerId peer, List<Multiaddr> addresses) {
    Found {
      addresses = List.copyOf(addresses);
    }
  }

  private final NetworkHost host;
  private final int most;
  private final PeerFilter wanted;
  private final PeerFilter ownKind;
  private final Function<PeerId, PeerFacts> facts;

  /// Those whose connections were made here.
  private final Set<PeerId> met = ConcurrentHashMap.newKeySet();

  private final AtomicLong passedOver = new AtomicLong();
  private final AtomicLong left = new AtomicLong();

  /// @param most peers beyond which nobody is dialled
  /// @param wanted what this node asks of them
  /// @param ownKind what it is itself
  Meetings(
      NetworkHost host,
      int most,
      PeerFilter wanted,
      PeerFilter ownKind,
      Function<PeerId, PeerFacts> facts) {
    this.host = host;
    this.most = most;
    this.wanted = wanted;
    this.ownKind = ownKind;
    this.facts = facts;
  }

  /// Whether another peer may be met.
  boolean room() {
    return connected().size() < most;
  }

  /// Dials of these whom it is to, a bounded number, one after the other; hangs up on those that
  /// were met before and are not wanted by now.
  void meet(Collection<Found> found) throws InterruptedException {
    Set<PeerId> connected = connected();
    met.retainAll(connected);
    Map<PeerId, Found> known = new HashMap<>();
    found.stream()
        .filter(one -> !one.peer().equals(host.id()))
        .forEach(one -> known.putIfAbsent(one.peer(), one));
    Set<PeerId> judged = new LinkedHashSet<>(met);
    judged.addAll(known.keySet());
    List<Handshakes.Candidate> candidates = new ArrayList<>();
    for (PeerId peer : judged) {
      PeerFacts of = facts.apply(peer);
      if (!connected.contains(peer) && wanted.excludes(of)) {
        passedOver.incrementAndGet();
      }
      candidates.add(
          new Handshakes.Candidate(
              peer, of, connected.contains(peer) && !met.contains(peer), connected.contains(peer)));
    }
    long others = connected.stream().filter(peer -> !judged.contains(peer)).count();
    int bound = (int) Math.max(0, most - others);
    Handshakes.Choice choice = Handshakes.choose(candidates, bound, wanted, ownKind);
    choice.leave().stream().filter(met::contains).forEach(this::leave);
    List<Found> dialled =
        choice.keep().stream()
            .filter(peer -> !connected.contains(peer))
            .map(known::get)
            .limit(DIALLED)
            .toList();
    for (Found one : dialled) {
      dial(one);
    }
  }

  /// Judges those that were met again, by what is known of them now.
  void review() throws InterruptedException {
    meet(List.of());
  }

  /// Peers that the filter ruled out before they were dialled, as often as they were found.
  long passedOver() {
    return passedOver.get();
  }

  /// Peers that it hung up on once it knew them.
  long left() {
    return left.get();
  }

  private Set<PeerId> connected() {
    Set<PeerId> peers = new LinkedHashSet<>();
    host.swarm().connections().stream().map(Connection::remote).forEach(peers::add);
    return peers;
  }

  private void leave(PeerId peer) {
    LOG.debug("{} is not what {} asks for, or others are more so", peer, wanted);
    left.incrementAndGet();
    met.remove(peer);
    host.swarm().tags().value(peer, TAG, 0);
    host.disconnect(peer);
  }

  private void dial(Found one) throws InterruptedException {
    PeerId peer = one.peer();
    try {
      host.connect(
          peer,
          one.addresses().stream().map(at -> at.withPeer(peer.text()).toString()).toList(),
          DIAL);
      met.add(peer);
      host.swarm().tags().value(peer, TAG, 1);
    } catch (IOException e) {
      LOG.debug("a peer that was found is not met: {}", e.getMessage());
    }
  }
}
