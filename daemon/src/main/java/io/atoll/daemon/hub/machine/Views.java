package io.atoll.daemon.hub.machine;

import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.RunId;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.market.activity.Desired;
import io.atoll.market.agreement.Offer;
import io.atoll.scheduler.Explainer;
import io.atoll.scheduler.Explanation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the machine knows, as people see it.
final class Views {
  private final Memory memory;
  private final Runs runs;
  private final Restoring restoring;
  private final Networks networks;

  Views(Memory memory, Runs runs, Restoring restoring, Networks networks) {
    this.memory = memory;
    this.runs = runs;
    this.restoring = restoring;
    this.networks = networks;
  }

  /// Without the reasons why it waits.
  TaskView brief(LiveTask task) {
    return view(task, null);
  }

  /// With them.
  TaskView full(Now now, LiveTask task) {
    return view(task, task.state == TaskState.QUEUED ? waiting(now, task) : null);
  }

  List<TaskView> tasks() {
    return memory.tasks.values().stream()
        .sorted(
            Comparator.comparing((LiveTask task) -> task.createdAt)
                .thenComparing(task -> task.id)
                .reversed())
        .map(this::brief)
        .toList();
  }

  private TaskView view(LiveTask task, @Nullable Waiting waiting) {
    RunRow run = task.run;
    LiveNode node = run == null ? null : memory.node(run.node());
    return TaskViews.of(
        task.row(),
        run,
        node == null ? null : node.name(),
        node == null ? null : node.state.name(),
        waiting,
        List.of(),
        addresses(task));
  }

  private List<TaskAddress> addresses(LiveTask task) {
    List<TaskAddress> addresses = new ArrayList<>();
    for (SeatRow seat : networks.seatsOf(task)) {
      LiveNetwork network = memory.networks.get(seat.network());
      if (network != null) {
        addresses.add(NetworkViews.address(network, seat));
      }
    }
    return addresses;
  }

  private Waiting waiting(Now now, LiveTask task) {
    if (task.held) {
      List<String> silent = restoring.waitingFor();
      return new Waiting(
          "the hub's store is a backup: the task may run already, and these nodes have not said"
              + " what they run: "
              + String.join(", ", silent),
          "bring " + String.join(", ", silent) + " back, or remove them from the hub",
          List.of());
    }
    if (task.desired == Desired.SUSPEND) {
      return new Waiting(
          "it was suspended while it had no node",
          "let it be placed: atoll resume " + task.label(),
          List.of());
    }
    if (memory.queue.get(task.id) == null && task.due > now.nanos()) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(task.due - now.nanos()) + 1;
      return new Waiting(
          "it is tried again in " + Duration.ofSeconds(seconds).toSeconds() + " s: " + task.detail,
          "",
          List.of());
    }
    Explanation why = Explainer.explain(runs.need(task), memory.capacities(), running());
    return new Waiting(
        why.summary(),
        why.smallestChange(),
        why.refusals().stream()
            .map(
                refusal ->
                    new Waiting.NodeRefusal(refusal.node(), refusal.name(), refusal.reasons()))
            .toList());
  }

  private Map<PeerId, List<Explainer.Running>> running() {
    Map<PeerId, List<Explainer.Running>> all = new HashMap<>();
    for (LiveNode node : memory.nodes.values()) {
      List<Explainer.Running> here = new ArrayList<>();
      node.assigned.forEach((run, needs) -> here.add(new Explainer.Running(label(run), needs)));
      node.leftovers.forEach((run, needs) -> here.add(new Explainer.Running(label(run), needs)));
      all.put(node.id, here);
    }
    return all;
  }

  private String label(RunId run) {
    LiveTask task = memory.tasks.get(run.task());
    return task == null ? run.task().text() : task.label();
  }

  List<NodeView> nodes() {
    return memory.nodes.values().stream().map(this::node).toList();
  }

  private NodeView node(LiveNode node) {
    Offer offer = node.row.offer();
    return new NodeView(
        node.id,
        offer.name(),
        node.state.name(),
        offer.version(),
        offer.os(),
        offer.arch(),
        offer.total(),
        node.free(),
        offer.drivers(),
        offer.missing(),
        node.assigned.size(),
        null,
        node.row.joinedAt(),
        node.changedAt);
  }
}
