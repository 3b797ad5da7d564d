package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.NodeKeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.scheduler.NodeCapacity;
import io.atoll.scheduler.PendingQueue;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Everything a hub machine knows. Changed by the parts of the machine only, within one step.
final class Memory {
  /// How many remembered idempotency keys are kept beside the store's.
  private static final int REMEMBERED = 50_000;

  final HubConfig config;
  final Map<TaskId, LiveTask> tasks = new HashMap<>();
  final Map<String, TaskId> names = new HashMap<>();
  final TreeMap<PeerId, LiveNode> nodes = new TreeMap<>();
  final TreeMap<NetworkId, LiveNetwork> networks = new TreeMap<>();
  final Map<String, NetworkId> networkNames = new HashMap<>();

  /// What the hub's own node was told, by network; null = it was not told anything yet.
  @Nullable Map<NetworkId, Long> ownTold;

  /// Where the hub's own node is reached, if it is no provider.
  List<String> ownAddresses = List.of();
  final Map<String, KeyRow> keys = new TreeMap<>();
  final Map<String, InviteRow> invites = new TreeMap<>();
  final Map<PeerId, Set<TaskId>> forgets = new TreeMap<>();

  /// Requests with an idempotency key since the machine was loaded.
  final Map<String, Made> made =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Made> eldest) {
          return size() > REMEMBERED;
        }
      };

  /// Tasks deleted since the machine was loaded: a hello that was long on its way may name them.
  final Set<TaskId> deleted = new HashSet<>();

  /// Tasks that may be placed now.
  final PendingQueue queue = new PendingQueue();

  /// Tasks that wait for their time.
  final PriorityQueue<Due> due = new PriorityQueue<>(Due.ORDER);

  Epoch highest;

  /// The store is a backup and not every provider has said what it knows.
  boolean restored;

  /// Version of the scheduler's view.
  long version;

  /// Whether a plan may find something new.
  boolean planDue = true;

  record Made(String bodyHash, TaskId task) {}

  record Due(long nanos, TaskId task) {
    static final Comparator<Due> ORDER =
        Comparator.comparingLong(Due::nanos).thenComparing(Due::task);
  }

  Memory(HubConfig config, HubState state, Now start) {
    this.config = config;
    this.highest = state.meta().highest();
    this.restored = state.meta().restored();
    for (NodeRow row : state.nodes()) {
      nodes.put(row.id(), new LiveNode(row, start.wall(), start.nanos()));
    }
    for (TaskRow row : state.tasks()) {
      LiveTask task = new LiveTask(row);
      task.held = restored;
      tasks.put(row.id(), task);
      String name = row.spec().name();
      if (name != null) {
        names.put(name, row.id());
      }
    }
    for (RunRow run : state.runs()) {
      LiveTask task = tasks.get(run.id().task());
      if (task != null && run.id().epoch().equals(task.epoch)) {
        task.run = run;
      }
    }
    for (NetworkRow row : state.networks()) {
      networks.put(row.id(), new LiveNetwork(row));
      networkNames.put(row.name(), row.id());
    }
    for (SeatRow seat : state.seats()) {
      LiveNetwork network = networks.get(seat.network());
      if (network != null) {
        network.seats.put(seat.holder(), seat);
      }
    }
    for (NodeKeyRow key : state.nodeKeys()) {
      LiveNetwork network = networks.get(key.network());
      if (network != null) {
        network.keys.put(key.node(), NodeKey.open(key.signed()));
      }
    }
    state.keys().forEach(key -> keys.put(key.id(), key));
    state.invites().forEach(invite -> invites.put(invite.hash(), invite));
    state.forgets().forEach((node, ids) -> forgets.put(node, new TreeSet<>(ids)));
  }

  @Nullable LiveNode node(@Nullable PeerId id) {
    return id == null ? null : nodes.get(id);
  }

  /// The network of this name or id.
  @Nullable LiveNetwork network(String idOrName) {
    NetworkId named = networkNames.get(idOrName);
    if (named != null) {
      return networks.get(named);
    }
    return NetworkId.isId(idOrName) ? networks.get(new NetworkId(idOrName)) : null;
  }

  LiveTask task(TaskId id) {
    LiveTask task = tasks.get(id);
    if (task == null) {
      throw new IllegalStateException("task " + id + " is not live");
    }
    return task;
  }

  /// A node can do more than before.
  void grown(LiveNode node) {
    node.grown = ++version;
    node.changed();
    planDue = true;
  }

  List<NodeCapacity> capacities() {
    return nodes.values().stream().map(LiveNode::capacity).toList();
  }

  /// How long a provider may let a task's run go on without hearing from the hub.
  long keepSeconds(LiveTask task) {
    return switch (task.spec.onDisconnect()) {
      case KEEP -> 0;
      case STOP, REPLACE -> Math.max(1, seconds(config.lease()));
    };
  }

  private static long seconds(Duration duration) {
    return duration.plusMillis(999).toSeconds();
  }
}
