package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one report means to the hub.
///
/// | the run it tells of | what follows |
/// |---|---|
/// | its task's newest, on this node | taken in; a repeat changes nothing |
/// | that, and given up meanwhile | it goes on, if no other run was placed |
/// | an older one, or of an ended task | acknowledged; no set has it, so it is stopped |
/// | of a task nobody knows | adopted, in a hello |
/// | a newer one than the hub gave out | adopted, while the store is a backup |
final class Reports {
  /// No run needs more than a million cores and 2⁵⁰ bytes.
  private static final Resources BELIEVABLE = new Resources(1_000_000_000L, 1L << 50, 1L << 50);

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private final Memory memory;
  private final Runs runs;
  private final Networks networks;

  Reports(Memory memory, Runs runs, Networks networks) {
    this.memory = memory;
    this.runs = runs;
    this.networks = networks;
  }

  /// @param ended tasks that the store says have ended; null outside of a hello, where nothing is
  ///     adopted for being unknown
  void observe(Step step, LiveNode node, RunReport report, @Nullable Set<TaskId> ended) {
    RunId id = report.run();
    LiveTask task = memory.tasks.get(id.task());
    Order order = soundOrder(report);
    noOlderIsLeft(node, id);
    if (task == null) {
      if (ended != null && order != null && !ended.contains(id.task()) && !forgets(node, id)) {
        confirmed(step, node, adopt(step, node, order, report), report);
      } else {
        stale(step, node, report);
      }
      return;
    }
    int newer = id.epoch().compareTo(task.epoch);
    if (newer > 0 && memory.restored && order != null) {
      runs.supersede(step, node, task, report);
      confirmed(step, node, task, report);
      return;
    }
    RunRow run = task.run;
    if (newer != 0 || run == null || !run.node().equals(node.id)) {
      stale(step, node, report);
    } else if (run.ended()) {
      returned(step, node, task, run, report);
    } else {
      confirmed(step, node, task, report);
    }
  }

  /// A provider has one run of a task: once it tells of a newer one, the older has ended there.
  private void noOlderIsLeft(LiveNode node, RunId id) {
    List<RunId> older =
        List.copyOf(node.leftovers.subMap(new RunId(id.task(), Epoch.NONE), id).keySet());
    for (RunId run : older) {
      node.leave(run);
      memory.grown(node);
    }
  }

  /// The order in a report, if it can be believed at all; nodes belong to others.
  private static @Nullable Order soundOrder(RunReport report) {
    Order order = report.order();
    if (order == null || !order.run().equals(report.run())) {
      return null;
    }
    Workload workload = order.workload();
    boolean complete =
        Objects.nonNull(workload.driver())
            && Objects.nonNull(workload.resources())
            && Objects.nonNull(workload.isolation());
    return complete && workload.resources().fitsIn(BELIEVABLE) ? order : null;
  }

  private boolean forgets(LiveNode node, RunId id) {
    return memory.deleted.contains(id.task())
        || memory.forgets.getOrDefault(node.id, Set.of()).contains(id.task());
  }

  private void confirmed(Step step, LiveNode node, LiveTask task, RunReport report) {
    if (report.state().ended() && task.held) {
      // Another node may know a newer run: the end counts once all have answered.
      task.heldExit = new LiveTask.HeldExit(node.id, report);
      if (node.leave(report.run())) {
        memory.grown(node);
      }
      return;
    }
    if (!report.state().ended() && !node.desired.containsKey(report.run())) {
      step.put(node, runs.order(task, report.run()));
    }
    runs.apply(step, node, task, report);
    step.ack(node, report);
  }

  /// The run was given up while its node was silent, and none was placed in its stead.
  private void returned(Step step, LiveNode node, LiveTask task, RunRow run, RunReport report) {
    Exit exit = report.exit();
    boolean nobodysDoing =
        exit != null
            && switch (exit.cause()) {
              case EXITED, SIGNALED, OUT_OF_MEMORY, TIME_LIMIT -> false;
              case STOPPED, START_FAILED, LOST -> true;
            };
    boolean old = exit == null ? report.seq() < run.seq() : report.seq() <= run.seq();
    if (old || nobodysDoing) {
      step.ack(node, report);
      return;
    }
    runs.reopen(step, node, task, run);
    confirmed(step, node, task, report);
  }

  private void stale(Step step, LiveNode node, RunReport report) {
    step.ack(node, report);
    RunId id = report.run();
    if (node.assigned.containsKey(id)) {
      return;
    }
    if (report.state().ended()) {
      if (node.leave(id)) {
        memory.grown(node);
      }
    } else if (!node.leftovers.containsKey(id)) {
      Order order = soundOrder(report);
      node.leftover(id, order == null ? Resources.NONE : order.workload().resources());
    }
  }

  /// Makes a task of a run that nobody here knows. It is only ever placed again on the node that
  /// told of it, so that a node cannot bring work to others this way.
  private LiveTask adopt(Step step, LiveNode node, Order order, RunReport report) {
    TaskSpec spec = specOf(node, order);
    LiveTask task =
        new LiveTask(
            new TaskRow(
                order.run().task(),
                spec,
                order.desired() == Desired.STOP ? TaskState.STOPPING : TaskState.STARTING,
                order.desired(),
                Epoch.NONE,
                TaskRow.Attempts.NONE,
                order.authority(),
                "found on " + node.name(),
                Runs.known(step, report),
                null,
                null,
                null,
                null,
                order.deep()));
    task.held = memory.restored;
    step.create(task);
    memory.tasks.put(task.id, task);
    String name = spec.name();
    if (name != null) {
      memory.names.put(name, task.id);
    }
    networks.adopted(step, task);
    runs.supersede(step, node, task, report);
    return task;
  }

  private TaskSpec specOf(LiveNode node, Order order) {
    TaskSpec.@Nullable Restart restart = null;
    TaskSpec.@Nullable OnDisconnect onDisconnect = null;
    @Nullable String name = null;
    int priority = 50;
    try {
      TaskSpec told = Json.read(order.task(), TaskSpec.class);
      restart = told.restart();
      onDisconnect = told.onDisconnect();
      name = told.name();
      priority = Math.clamp(told.priority(), 1, 100);
    } catch (IOException e) {
      // The description is not needed to keep the run: the order itself says what runs.
      name = null;
    }
    return new TaskSpec(
        name == null || !NAME.matcher(name).matches() || memory.names.containsKey(name)
            ? null
            : name,
        order.workload(),
        priority,
        node.id.text(),
        restart == null || restart.policy() == null
            ? new TaskSpec.Restart(TaskSpec.Restart.Policy.NEVER, 1, 3)
            : restart,
        onDisconnect == null ? TaskSpec.OnDisconnect.KEEP : onDisconnect,
        order.timeLimitSeconds(),
        order.graceSeconds(),
        seats(order));
  }

  /// Those of its networks that are known here, at the addresses that it has.
  private List<TaskSpec.Seat> seats(Order order) {
    List<TaskSpec.Seat> seats = new ArrayList<>();
    for (NetworkSeat seat : order.seats()) {
      LiveNetwork network = memory.networks.get(seat.network());
      if (network != null) {
        seats.add(new TaskSpec.Seat(network.row.name(), seat.v4()));
      }
    }
    return seats;
  }
}
