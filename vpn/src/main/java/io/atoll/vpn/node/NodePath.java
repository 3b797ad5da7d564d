package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathMachine;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.path.ProbeKey;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The way to one other node, which all networks with it share.
final class NodePath {
  private static final long TELL_WANTED = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long TELL_HEARD = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int ANSWERS_A_SECOND = 50;
  private static final int MOST_TOLD = 8;

  /// A session with it in one network, and the keys of its probes.
  record Session(Peer peer, ProbeKey to, ProbeKey from) {
    static Session of(Peer peer) {
      byte[] secret = peer.derive(ProbeKey.PURPOSE);
      byte[] here = peer.identity().publicKey().bytes();
      byte[] there = peer.publicKey().bytes();
      return new Session(peer, ProbeKey.of(secret, here, there), ProbeKey.of(secret, there, here));
    }
  }

  final PeerId node;

  // Used by the thread of all paths alone.
  final PathMachine machine;
  long due = Long.MAX_VALUE;
  boolean quiet = true;

  private final CopyOnWriteArrayList<Session> sessions = new CopyOnWriteArrayList<>();
  private final Allowance answers = new Allowance(ANSWERS_A_SECOND, ANSWERS_A_SECOND);

  // Read and written for each batch of packets without a lock.
  private volatile Way way = new HoldingWay((_, _, _, _) -> 0);
  private volatile long wantedAt;
  private volatile long heardAt;
  private volatile @Nullable Path heardFrom;
  private volatile @Nullable PathReport report;

  // Under the lock of this object.
  private List<Candidate> said = List.of();
  private List<InetSocketAddress> told = List.of();

  NodePath(PeerId node, RandomGenerator random, long now) {
    this.node = node;
    this.machine = new PathMachine(random);
    this.wantedAt = now - TELL_WANTED;
    this.heardAt = now - TELL_HEARD;
  }

  Way way() {
    return way;
  }

  void use(Way next) {
    Way before = way;
    way = next;
    if (before instanceof HoldingWay held) {
      held.leave(next);
    }
  }

  /// Whether the machine should hear that something is sent.
  boolean tellWanted(long now) {
    if (now - wantedAt < TELL_WANTED) {
      return false;
    }
    wantedAt = now;
    return true;
  }

  /// Whether the machine should hear that something came that way.
  @SuppressWarnings("ReferenceEquality") // mostly it is the same object; equality is asked after
  boolean tellHeard(long now, Path from) {
    Path before = heardFrom;
    if ((before == from || from.equals(before)) && now - heardAt < TELL_HEARD) {
      return false;
    }
    heardAt = now;
    heardFrom = from;
    return true;
  }

  boolean mayAnswer(long now) {
    return answers.take(now, 1);
  }

  void add(Session session) {
    sessions.add(session);
  }

  /// @return whether that was the last
  boolean remove(Peer peer) {
    sessions.removeIf(session -> session.peer().equals(peer));
    return sessions.isEmpty();
  }

  List<Peer> peers() {
    return sessions.stream().map(Session::peer).toList();
  }

  /// Whether it says, or others say, that it is there, or it was last heard there.
  synchronized boolean isAt(InetSocketAddress address) {
    return (heardFrom instanceof UdpPath(InetSocketAddress last) && last.equals(address))
        || candidates().stream().anyMatch(one -> one.address().equals(address));
  }

  /// What it is probed with: the key of any network will do.
  @Nullable ProbeKey key() {
    for (Session session : sessions) {
      return session.to();
    }
    return null;
  }

  /// What it says of where it is.
  ///
  /// @return all that is known of that
  synchronized List<Candidate> said(List<Candidate> candidates) {
    said = List.copyOf(candidates);
    return candidates();
  }

  /// Others say that it is there; what was said last counts most.
  synchronized List<Candidate> told(InetSocketAddress address) {
    List<InetSocketAddress> now = new ArrayList<>(told);
    now.remove(address);
    now.addFirst(address);
    told = List.copyOf(now.subList(0, Math.min(now.size(), MOST_TOLD)));
    return candidates();
  }

  private List<Candidate> candidates() {
    List<Candidate> all = new ArrayList<>(said);
    told.stream()
        .filter(one -> said.stream().noneMatch(other -> other.address().equals(one)))
        .forEach(one -> all.add(new Candidate(one, Candidate.Kind.TOLD)));
    return all;
  }

  void report(PathReport now) {
    report = now;
  }

  @Nullable PathReport report() {
    return report;
  }
}
