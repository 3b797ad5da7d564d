package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathAction;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.PathMachine;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Peer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The way to one other node, which all networks with it share.
final class NodePath {
  /// Ways are tried for minutes after this was told.
  private static final long TELL_WANTED = TimeUnit.SECONDS.toNanos(1);

  private static final long TELL_HEARD = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int ANSWERS_A_SECOND = 50;

  /// A handshake that nobody answers is tried again for longer than that.
  private static final long BETWEEN_GREETINGS = TimeUnit.SECONDS.toNanos(1);

  private static final int MOST_TOLD = 8;

  private static final Way NOT_YET = (_, _, _, _) -> 0;

  final PeerId node;

  // Used by the thread of all paths alone.
  long due = Long.MAX_VALUE;
  boolean quiet = true;
  private @Nullable CameBy probed;
  private @Nullable Allowance answers;

  /// Under its own lock: one thread steps it, any may ask how it stands.
  private final PathMachine machine;

  // Read and written for each batch of packets without a lock.
  private volatile Way way = new HoldingWay(NOT_YET);
  private volatile long wantedAt;
  private volatile long heardAt;
  private volatile @Nullable CameBy heard;

  /// Changed under the lock of this object.
  private volatile List<Session> sessions = List.of();

  // Under the lock of this object.
  private long greetAt = Long.MIN_VALUE;
  private List<Candidate> said = List.of();
  private List<InetSocketAddress> told = List.of();

  NodePath(PeerId node, RandomGenerator random, long now) {
    this.node = node;
    this.machine = new PathMachine(random);
    this.wantedAt = now - TELL_WANTED;
    this.heardAt = now - TELL_HEARD;
  }

  List<PathAction> step(long now, PathEvent event) {
    synchronized (machine) {
      return machine.step(now, event);
    }
  }

  /// When `Tick` is wanted next.
  long next() {
    synchronized (machine) {
      return machine.next();
    }
  }

  PathReport report() {
    synchronized (machine) {
      return machine.report();
    }
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

  /// What the machine should hear of something that came that way; null if it knows.
  @SuppressWarnings("ReferenceEquality") // it is the same object if it is the same way
  @Nullable PathEvent tellHeard(long now, Path from) {
    CameBy before = heard;
    CameBy by = CameBy.of(from, before);
    if (by == before && now - heardAt < TELL_HEARD) {
      return null;
    }
    heardAt = now;
    heard = by;
    return by.heard();
  }

  /// How a probe came. Of the thread of all paths.
  CameBy probed(Path from) {
    CameBy by = CameBy.of(from, probed);
    probed = by;
    return by;
  }

  /// Whether a question may be answered. Of the thread of all paths.
  boolean mayAnswer(long now) {
    Allowance left = answers == null ? new Allowance(ANSWERS_A_SECOND, ANSWERS_A_SECOND) : answers;
    answers = left;
    return left.take(now, 1);
  }

  Session add(Peer peer) {
    Session session = new Session(this, peer);
    synchronized (this) {
      List<Session> now = new ArrayList<>(sessions);
      now.add(session);
      sessions = List.copyOf(now);
    }
    return session;
  }

  /// @return what is left of them
  synchronized List<Session> remove(Peer peer) {
    sessions = sessions.stream().filter(session -> !session.peer.equals(peer)).toList();
    return sessions;
  }

  List<Peer> peers() {
    return sessions.stream().map(session -> session.peer).toList();
  }

  synchronized boolean mayGreet(long now) {
    if (now < greetAt) {
      return false;
    }
    greetAt = now + BETWEEN_GREETINGS;
    return true;
  }

  /// Whether it says, or others say, that it is there, or it was last heard there.
  synchronized boolean isAt(InetSocketAddress address) {
    CameBy last = heard;
    return (last != null && last.isFrom(address))
        || candidates().stream().anyMatch(one -> one.address().equals(address));
  }

  /// With whose key it is probed: that of any network will do.
  @Nullable Session any() {
    List<Session> now = sessions;
    return now.isEmpty() ? null : now.getFirst();
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
}
