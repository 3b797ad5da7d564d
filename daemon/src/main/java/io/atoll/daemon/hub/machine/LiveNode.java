package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.NodeRow;
import io.atoll.market.activity.DesiredDigest;
import io.atoll.market.activity.Order;
import io.atoll.scheduler.NodeCapacity;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A provider that joined, in the machine's memory.
///
/// ```
/// NEW ──→ ONLINE ⇄ SUSPECT → LOST
///  └────────↑────────────────↲
/// ```
final class LiveNode {
  enum State {
    NEW,
    ONLINE,
    SUSPECT,
    LOST
  }

  final PeerId id;
  NodeRow row;
  State state = State.NEW;
  Instant changedAt;

  /// Its connection; 0 = none.
  long session;

  /// When it was last heard (monotonic), or when the hub began to listen.
  long heard;

  /// Its runs were given up for the present silence.
  boolean gaveUp;

  /// The present silence is held back by the mass-loss brake, and that was told.
  boolean braked;

  /// What it should run. A message with a revision tells it each change.
  final TreeMap<RunId, Order> desired = new TreeMap<>();

  long revision;

  /// Revision in its last heartbeat, and how many heartbeats in a row it has been behind with it.
  long toldRevision = -1;

  int behind;
  private @Nullable String digest;

  /// What open runs of the hub hold of it.
  final TreeMap<RunId, Resources> assigned = new TreeMap<>();

  private Resources taken = Resources.NONE;

  /// What others than this hub hold of it: other hubs that it serves.
  private Resources foreign = Resources.NONE;

  /// What other runs still hold of it, until it says that they ended.
  final TreeMap<RunId, Resources> leftovers = new TreeMap<>();

  /// Tasks it was asked about in this session and has not answered for.
  final Set<TaskId> asked = new HashSet<>();

  /// Runs that it had accepted and did not name in the hello of this session. It is asked before
  /// they are believed lost: the hello may be an old one that was long on its way.
  final Set<RunId> doubted = new TreeSet<>();

  /// It has said hello since the machine was loaded.
  boolean met;

  /// It knows private networks, as it said in the hello of this session.
  boolean knowsNetworks;

  /// By network, the version of the member list that it was told in this session, or had before.
  final Map<NetworkId, Long> told = new HashMap<>();

  /// Where it is reached for packets of private networks.
  List<String> addresses = List.of();

  /// What it was told in this session of where others are.
  final Map<PeerId, List<String>> reachTold = new HashMap<>();

  /// It has said what it knows of all held tasks.
  boolean answered;

  /// See `NodeCapacity.grown`.
  long grown;

  private @Nullable NodeCapacity capacity;

  LiveNode(NodeRow row, Instant changedAt, long heard) {
    this.id = row.id();
    this.row = row;
    this.changedAt = changedAt;
    this.heard = heard;
  }

  String name() {
    return row.offer().name();
  }

  void put(Order order) {
    desired.put(order.run(), order);
    digest = null;
  }

  void remove(RunId run) {
    desired.remove(run);
    digest = null;
  }

  String digest() {
    String known = digest;
    if (known == null) {
      known = DesiredDigest.of(desired.values());
      digest = known;
    }
    return known;
  }

  Resources free() {
    return row.offer().total().minus(taken).minus(foreign);
  }

  /// It said what is free, as of the set that it has now.
  ///
  /// @return whether it turned out to have more room than was known
  boolean freeIs(Resources told) {
    Resources before = foreign;
    foreign = row.offer().total().minus(taken).minus(told);
    if (foreign.equals(before)) {
      return false;
    }
    changed();
    return !before.fitsIn(foreign);
  }

  /// An open run of the hub is on it now.
  void assign(RunId run, Resources needs) {
    leave(run);
    assigned.put(run, needs);
    taken = taken.plus(needs);
    changed();
  }

  /// A run that is none of the hub's open ones is still on it.
  void leftover(RunId run, Resources needs) {
    leave(run);
    leftovers.put(run, needs);
    taken = taken.plus(needs);
    changed();
  }

  /// A run is no longer on it.
  ///
  /// @return whether it was
  boolean leave(RunId run) {
    Resources held = assigned.remove(run);
    if (held == null) {
      held = leftovers.remove(run);
    }
    if (held == null) {
      return false;
    }
    taken = taken.minus(held);
    changed();
    return true;
  }

  /// Something about it changed that the scheduler has to know.
  void changed() {
    capacity = null;
  }

  NodeCapacity capacity() {
    NodeCapacity known = capacity;
    if (known == null) {
      var offer = row.offer();
      known =
          new NodeCapacity(
              id,
              offer.name(),
              standing(),
              offer.total(),
              free(),
              Set.copyOf(offer.drivers()),
              Set.copyOf(offer.terms().drivers()),
              offer.terms().bare(),
              offer.terms().egress(),
              Set.copyOf(offer.networked()),
              grown);
      capacity = known;
    }
    return known;
  }

  private NodeCapacity.Standing standing() {
    return switch (state) {
      case NEW -> NodeCapacity.Standing.NEW;
      case ONLINE -> NodeCapacity.Standing.READY;
      case SUSPECT -> NodeCapacity.Standing.SUSPECT;
      case LOST -> NodeCapacity.Standing.LOST;
    };
  }
}
