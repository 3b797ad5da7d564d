package io.atoll.daemon.hub.machine;

import io.atoll.client.api.EventView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.RunRow;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one step has come to so far. A task that changes several times within a step is written
/// once, and rests on what it was before the step; a node gets one message of its changed set.
final class Step {
  /// A store of a later generation has later versions of every network than one before it.
  private static final int GENERATION_BITS = 40;

  final Now now;

  /// Of the store before this step.
  final int generation;

  private @Nullable Epoch highest;
  private final List<Precondition> preconditions = new ArrayList<>();
  private final Map<TaskId, LiveTask> touched = new LinkedHashMap<>();
  private final Map<RunId, RunRow> runs = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<Change> history = new ArrayList<>();
  private final List<HubAction> actions = new ArrayList<>();
  private final TreeMap<PeerId, Difference> differences = new TreeMap<>();
  private final TreeMap<PeerId, List<ToProvider.Ack>> acks = new TreeMap<>();

  /// Networks with a new version in this step, which has not been told to anybody.
  private final Set<NetworkId> newer = new LinkedHashSet<>();

  /// Networks to be written.
  private final Map<NetworkId, LiveNetwork> networks = new LinkedHashMap<>();

  /// Networks that are gone.
  private final Set<NetworkId> removed = new LinkedHashSet<>();

  private boolean moved;

  /// How a node's desired set changed in this step.
  private record Difference(LiveNode node, Map<RunId, Order> put, Set<RunId> remove) {}

  Step(Now now, int generation) {
    this.now = now;
    this.generation = generation;
  }

  /// The highest epoch given out.
  void epoch(Epoch epoch) {
    highest = epoch;
  }

  /// Before a task changes.
  void touch(LiveTask task) {
    if (touched.putIfAbsent(task.id, task) == null) {
      preconditions.add(new Precondition.TaskIs(task.id, task.epoch, task.state));
    }
  }

  /// A task that is new to the store.
  void create(LiveTask task) {
    touched.put(task.id, task);
    preconditions.add(new Precondition.TaskAbsent(task.id));
  }

  /// Before the members of a network, or keys of their nodes, change: it has a new version then.
  /// One step makes one, as long as nobody was told of it.
  void touch(LiveNetwork network) {
    if (newer.add(network.row.id())) {
      long least = (generation - 1L) << GENERATION_BITS;
      advance(network, Math.max(network.version() + 1, least));
    }
  }

  /// Makes a network's version at least this one.
  void skipTo(LiveNetwork network, long version) {
    advance(network, Math.max(version, (generation - 1L) << GENERATION_BITS));
    network.forgetHistory();
    newer.add(network.row.id());
  }

  private void advance(LiveNetwork network, long version) {
    network.row = network.row.withVersion(version);
    network.touch(null, null);
    networks.put(network.row.id(), network);
  }

  /// A network is gone: its nodes are told.
  void removed(LiveNetwork network) {
    removed.add(network.row.id());
    networks.remove(network.row.id());
  }

  /// A node is reached elsewhere for packets of networks.
  void moved() {
    moved = true;
  }

  /// Tells a node at once what it has to know of some networks.
  void tell(Memory memory, LiveNode node, Collection<NetworkId> some) {
    HubAction.SendNetworks told = NetworkPushes.to(memory, node, some, moved);
    if (told != null) {
      actions.add(told);
      told.parts().forEach(part -> newer.remove(part.after().network().id()));
    }
  }

  void run(LiveTask task, RunRow run) {
    task.run = run;
    runs.put(run.id(), run);
  }

  /// A run that is no longer its task's newest.
  void olderRun(RunRow run) {
    runs.put(run.id(), run);
  }

  void change(Change change) {
    changes.add(change);
  }

  void require(Precondition precondition) {
    if (!preconditions.contains(precondition)) {
      preconditions.add(precondition);
    }
  }

  void event(
      String type,
      @Nullable TaskId task,
      @Nullable PeerId node,
      @Nullable Epoch epoch,
      String detail) {
    history.add(new Change.Append(new EventView(0, now.wall(), type, task, node, epoch, detail)));
  }

  /// A run is wanted on a node, or wanted otherwise than before.
  void put(LiveNode node, Order order) {
    node.put(order);
    Difference difference = difference(node);
    difference.put().put(order.run(), order);
    difference.remove().remove(order.run());
  }

  /// A run is no longer wanted on a node.
  void remove(LiveNode node, RunId run) {
    if (!node.desired.containsKey(run)) {
      return;
    }
    node.remove(run);
    Difference difference = difference(node);
    difference.put().remove(run);
    difference.remove().add(run);
  }

  /// Sends the whole set, in place of what changed so far in this step.
  void whole(LiveNode node) {
    differences.remove(node.id);
    node.revision++;
    node.behind = 0;
    send(
        node,
        new ToProvider.DesiredSet(
            node.revision,
            ToProvider.DesiredSet.WHOLE,
            List.copyOf(node.desired.values()),
            List.of()));
  }

  private Difference difference(LiveNode node) {
    return differences.computeIfAbsent(
        node.id, _ -> new Difference(node, new LinkedHashMap<>(), new LinkedHashSet<>()));
  }

  void ack(LiveNode node, RunReport report) {
    acks.computeIfAbsent(node.id, _ -> new ArrayList<>())
        .add(new ToProvider.Ack(report.run(), report.seq()));
  }

  /// Sends at once what was acknowledged so far in this step.
  void flushAcks(LiveNode node) {
    List<ToProvider.Ack> list = acks.remove(node.id);
    if (list != null) {
      send(node, new ToProvider.Acks(list));
    }
  }

  void send(LiveNode node, ToProvider message) {
    if (node.session != 0) {
      actions.add(new HubAction.Send(node.id, node.session, message));
    }
  }

  void act(HubAction action) {
    actions.add(action);
  }

  void reply(long ticket, Answer answer) {
    actions.add(new HubAction.Reply(ticket, answer));
  }

  /// Whether a request was carried out, and anything changed by it.
  boolean hasDone(long ticket) {
    boolean done =
        actions.stream()
            .anyMatch(
                action ->
                    action instanceof HubAction.Reply(long replied, Answer answer)
                        && replied == ticket
                        && !(answer instanceof Answer.Failed));
    return done
        && !(touched.isEmpty()
            && runs.isEmpty()
            && changes.isEmpty()
            && networks.isEmpty()
            && removed.isEmpty());
  }

  void fail(long ticket, ErrorCode code, String message, String hint) {
    reply(ticket, new Answer.Failed(code, message, hint));
  }

  Decision finish(Memory memory) {
    for (PeerId id : List.copyOf(acks.keySet())) {
      LiveNode node = memory.node(id);
      if (node != null) {
        flushAcks(node);
      }
    }
    if (!networks.isEmpty() || !removed.isEmpty() || moved) {
      Set<NetworkId> changed = new LinkedHashSet<>(networks.keySet());
      changed.addAll(removed);
      memory.nodes.values().forEach(node -> tell(memory, node, changed));
      actions.addAll(NetworkPushes.own(memory, changed, moved));
    } else if (memory.ownTold == null) {
      actions.addAll(NetworkPushes.own(memory, List.of(), false));
    }
    for (Difference difference : differences.values()) {
      LiveNode node = difference.node();
      long base = node.revision++;
      send(
          node,
          new ToProvider.DesiredSet(
              node.revision,
              base,
              List.copyOf(difference.put().values()),
              List.copyOf(difference.remove())));
    }
    List<Change> all = new ArrayList<>();
    touched.values().forEach(task -> all.add(new Change.PutTask(task.row())));
    runs.values().forEach(run -> all.add(new Change.PutRun(run)));
    networks.values().forEach(network -> all.add(new Change.PutNetwork(network.row)));
    if (highest != null) {
      all.add(new Change.PutEpoch(highest));
    }
    all.addAll(changes);
    all.addAll(history);
    return new Decision(all, preconditions, actions);
  }
}
