package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskState;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.scheduler.ClusterView;
import io.atoll.scheduler.Need;
import io.atoll.scheduler.Pending;
import io.atoll.scheduler.Plan;
import io.atoll.scheduler.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// The life of a task: queued, placed, followed, ended, queued again.
final class Runs {
  /// How many tasks one step places at most, so that no transaction grows without bound.
  private static final int PLACEMENTS = 512;

  /// For how long a task keeps away from a node where it could not start.
  private static final Duration AVOID = Duration.ofSeconds(60);

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final Memory memory;
  private final Networks networks;

  Runs(Memory memory, Networks networks) {
    this.memory = memory;
    this.networks = networks;
  }

  /// Takes up what the store had: open runs hold their nodes, the others wait.
  void begin(Now now) {
    for (LiveTask task : memory.tasks.values()) {
      RunRow run = task.openRun();
      LiveNode node = run == null ? null : memory.node(run.node());
      if (run != null && node != null) {
        node.assign(run.id(), task.spec.workload().resources());
        if (!task.held) {
          node.put(order(task, run.id()));
        }
      } else if (task.state == TaskState.QUEUED) {
        Instant notBefore = task.notBefore;
        enqueue(
            now, task, notBefore == null ? Duration.ZERO : Duration.between(now.wall(), notBefore));
      }
    }
  }

  /// Puts a queued task where the scheduler sees it, at once or after `delay`.
  /// A task that its owner suspended waits to be resumed instead.
  void enqueue(Now now, LiveTask task, Duration delay) {
    if (task.held) {
      return;
    }
    if (task.desired == Desired.SUSPEND) {
      task.due = 0;
      return;
    }
    if (delay.isPositive()) {
      // Bounded, because a wall clock that jumped must not keep a task for long.
      Duration wait = delay.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : delay;
      task.due = now.nanos() + wait.toNanos();
      memory.due.add(new Memory.Due(task.due, task.id));
      return;
    }
    task.due = 0;
    Need need = need(task);
    memory.queue.add(new Pending(task.id, task.spec.priority(), age(task), need));
    if (!need.avoid().isEmpty()) {
      task.due = now.nanos() + AVOID.toNanos();
      memory.due.add(new Memory.Due(task.due, task.id));
    }
    memory.planDue = true;
  }

  void dequeue(LiveTask task) {
    memory.queue.remove(task.id);
    task.due = 0;
  }

  /// Queues the tasks whose time has come.
  void wake(Now now) {
    Memory.Due first = memory.due.peek();
    while (first != null && first.nanos() <= now.nanos()) {
      memory.due.remove();
      LiveTask task = memory.tasks.get(first.task());
      if (task != null && task.due == first.nanos() && task.state == TaskState.QUEUED) {
        if (memory.queue.get(task.id) != null) {
          task.avoid = Set.of();
        }
        enqueue(now, task, Duration.ZERO);
      }
      first = memory.due.peek();
    }
  }

  /// What the task asks of a node. Nodes where it failed to start are avoided as long as there are
  /// others that would suit it.
  Need need(LiveTask task) {
    Workload workload = task.spec.workload();
    Need need =
        new Need(
            workload.driver(),
            workload.isolation() == Workload.Isolation.BARE,
            workload.publishAll() || !workload.ports().isEmpty(),
            !task.spec.networks().isEmpty(),
            task.spec.node(),
            workload.resources(),
            task.avoid);
    if (!task.avoid.isEmpty()
        && memory.nodes.values().stream()
            .noneMatch(
                node -> node.state == LiveNode.State.ONLINE && node.capacity().suits(need))) {
      task.avoid = Set.of();
      return need(task);
    }
    return need;
  }

  private static long age(LiveTask task) {
    return task.createdAt.getEpochSecond() * 1_000_000 + task.createdAt.getNano() / 1_000;
  }

  /// Places what can be placed.
  void plan(Step step) {
    if (!memory.planDue) {
      return;
    }
    memory.planDue = false;
    if (memory.queue.size() == 0) {
      return;
    }
    Plan plan =
        Scheduler.plan(
            new ClusterView(memory.version, memory.capacities(), memory.queue), PLACEMENTS);
    for (Plan.Placement placement : plan.placements()) {
      LiveNode node = memory.node(placement.node());
      if (node != null) {
        place(step, memory.task(placement.task()), node);
      }
    }
    memory.planDue = plan.more();
  }

  private void place(Step step, LiveTask task, LiveNode node) {
    step.touch(task);
    step.require(new Precondition.GenerationIs(step.generation));
    dequeue(task);
    Epoch epoch = memory.highest.next();
    memory.highest = epoch;
    step.epoch(epoch);
    RunId id = new RunId(task.id, epoch);
    task.epoch = epoch;
    task.state = TaskState.STARTING;
    task.detail = "placed on " + node.name();
    task.notBefore = null;
    task.startedAt = null;
    step.run(task, Rows.placed(id, node.id, step.now.wall()));
    node.assign(id, task.spec.workload().resources());
    networks.entered(step, task, id, node.id);
    step.put(node, order(task, id));
    step.event("run.placed", task.id, node.id, epoch, "placed on " + node.name());
  }

  Order order(LiveTask task, RunId run) {
    return new Order(
        run,
        task.spec.workload(),
        task.desired,
        task.spec.graceSeconds(),
        task.spec.timeLimitSeconds(),
        memory.keepSeconds(task),
        task.authority,
        Json.write(task.spec),
        task.deep && task.desired == Desired.SUSPEND,
        networks.seatsOf(task).stream()
            .map(seat -> new NetworkSeat(seat.network(), seat.v4()))
            .toList());
  }

  /// Takes in what a node said of a task's open run; a repeat changes nothing.
  void apply(Step step, LiveNode node, LiveTask task, RunReport report) {
    RunRow run = task.openRun();
    if (run == null || report.seq() <= run.seq()) {
      return;
    }
    step.touch(task);
    RunState before = run.state();
    step.run(task, Rows.reported(run, report));
    if (report.startedAt() != null) {
      task.startedAt = report.startedAt();
    }
    if (report.state() == RunState.EXITED) {
      Exit exit = report.exit();
      end(
          step,
          task,
          exit == null
              ? Exit.lost(node.name() + " reported an end without saying how it ended")
              : exit,
          endedAt(step, run, report));
      return;
    }
    if (task.state != TaskState.STOPPING) {
      task.state = stateOf(report.state());
    }
    task.detail = report.detail().isEmpty() ? words(report, node) : report.detail();
    boolean news = before != report.state() || run.deep() != report.deep();
    if (news && report.state() != RunState.ACCEPTED) {
      step.event(
          "run." + report.state().name().toLowerCase(Locale.ROOT),
          task.id,
          node.id,
          task.epoch,
          task.detail);
    }
  }

  private static TaskState stateOf(RunState state) {
    return switch (state) {
      case ACCEPTED, STARTING -> TaskState.STARTING;
      case RUNNING -> TaskState.RUNNING;
      case SUSPENDED -> TaskState.SUSPENDED;
      case EXITED -> throw new IllegalArgumentException("an end is not a state of a live task");
    };
  }

  private static String words(RunReport report, LiveNode node) {
    return switch (report.state()) {
      case ACCEPTED -> "accepted by " + node.name();
      case STARTING -> "starting on " + node.name();
      case RUNNING -> "running on " + node.name();
      case SUSPENDED -> "suspended on " + node.name() + (report.deep() ? ", without memory" : "");
      case EXITED -> "ended on " + node.name();
    };
  }

  /// When the node says that it ended, by a clock that is not the hub's.
  private static Instant endedAt(Step step, RunRow run, RunReport report) {
    Instant began = report.startedAt() == null ? run.startedAt() : report.startedAt();
    Instant first = began == null ? run.placedAt() : began;
    Instant last = step.now.wall();
    Instant told = report.at().isAfter(last) ? last : report.at();
    return told.isBefore(first) ? first : told;
  }

  /// Closes the open run of a task, which ended just now, and decides what follows.
  void end(Step step, LiveTask task, Exit exit) {
    end(step, task, exit, step.now.wall());
  }

  private void end(Step step, LiveTask task, Exit exit, Instant at) {
    RunRow run = task.openRun();
    if (run == null) {
      throw new IllegalStateException("task " + task.id + " has no open run to end");
    }
    step.touch(task);
    step.run(task, Rows.closed(run, exit, at));
    networks.left(step, task, run.id());
    LiveNode node = memory.node(run.node());
    if (node != null) {
      step.remove(node, run.id());
      if (node.leave(run.id())) {
        memory.grown(node);
      }
    }
    task.exit = exit;
    step.event(
        exit.cause() == Exit.Cause.LOST ? "run.lost" : "run.exited",
        task.id,
        run.node(),
        run.id().epoch(),
        exit.detail().isEmpty() ? "ended with code " + exit.code() : exit.detail());
    RestartRules.Next next =
        RestartRules.after(task.spec, task.attempts, exit, task.desired == Desired.STOP);
    task.attempts = next.attempts();
    task.detail = next.detail();
    switch (next) {
      case RestartRules.Over over -> over(step, task, over.state(), at);
      case RestartRules.Again again -> {
        task.state = TaskState.QUEUED;
        task.notBefore = again.delay().isZero() ? null : step.now.wall().plus(again.delay());
        if (again.elsewhere() && node != null) {
          Set<PeerId> avoid = new HashSet<>(task.avoid);
          avoid.add(node.id);
          task.avoid = Set.copyOf(avoid);
        }
        step.event("task.queued", task.id, null, null, task.detail);
        enqueue(step.now, task, again.delay());
      }
    }
  }

  /// Takes a placement back of which no provider knows; the next has a new epoch.
  void unplace(Step step, LiveTask task, String detail) {
    RunRow run = task.openRun();
    if (task.desired == Desired.STOP || run == null) {
      end(step, task, Exit.startFailed(detail));
      return;
    }
    step.touch(task);
    step.run(task, Rows.closed(run, Exit.startFailed(detail), step.now.wall()));
    networks.left(step, task, run.id());
    LiveNode node = memory.node(run.node());
    if (node != null && node.leave(run.id())) {
      memory.grown(node);
    }
    task.state = TaskState.QUEUED;
    task.detail = detail;
    step.event("task.queued", task.id, null, null, detail);
    enqueue(step.now, task, Duration.ZERO);
  }

  /// The task has ended for good; the machine forgets it.
  void over(Step step, LiveTask task, TaskState state) {
    over(step, task, state, step.now.wall());
  }

  private void over(Step step, LiveTask task, TaskState state, Instant at) {
    step.touch(task);
    task.state = state;
    task.endedAt = at;
    task.notBefore = null;
    dequeue(task);
    networks.released(step, task);
    memory.tasks.remove(task.id);
    String name = task.spec.name();
    if (name != null) {
      memory.names.remove(name, task.id);
    }
    step.event("task." + state.name().toLowerCase(Locale.ROOT), task.id, null, null, task.detail);
  }

  /// A run that was given up, and not followed by another, is there after all: it goes on.
  void reopen(Step step, LiveNode node, LiveTask task, RunRow run) {
    step.touch(task);
    dequeue(task);
    task.state = task.desired == Desired.STOP ? TaskState.STOPPING : TaskState.STARTING;
    task.notBefore = null;
    task.attempts =
        new TaskRow.Attempts(
            task.attempts.taskFailed(),
            task.attempts.launchFailed(),
            Math.max(0, task.attempts.nodeLost() - 1));
    step.run(task, Rows.reopened(run));
    networks.entered(step, task, run.id(), node.id);
    node.assign(run.id(), task.spec.workload().resources());
    step.event(
        "run.returned", task.id, node.id, run.id().epoch(), node.name() + " is back with it");
  }

  /// The latest that a run told of can have been placed, and its task made.
  static Instant known(Step step, RunReport report) {
    Instant began = report.startedAt() == null ? report.at() : report.startedAt();
    return began.isBefore(step.now.wall()) ? began : step.now.wall();
  }

  /// A newer run than the task's own exists on a node: it takes its place.
  void supersede(Step step, LiveNode node, LiveTask task, RunReport report) {
    RunId newer = report.run();
    step.touch(task);
    dequeue(task);
    RunRow older = task.openRun();
    if (older != null) {
      step.olderRun(
          Rows.closed(older, Exit.lost("superseded by run " + newer.epoch()), step.now.wall()));
      LiveNode at = memory.node(older.node());
      if (at != null) {
        boolean there = at != node && at.session != 0 && at.desired.containsKey(older.id());
        step.remove(at, older.id());
        if (there) {
          at.leftover(older.id(), task.spec.workload().resources());
        } else if (at.leave(older.id())) {
          memory.grown(at);
        }
      }
    }
    task.epoch = newer.epoch();
    task.state = task.desired == Desired.STOP ? TaskState.STOPPING : TaskState.STARTING;
    task.notBefore = null;
    task.startedAt = null;
    step.run(task, Rows.placed(newer, node.id, known(step, report)));
    networks.entered(step, task, newer, node.id);
    node.assign(newer, task.spec.workload().resources());
    step.event("run.adopted", task.id, node.id, newer.epoch(), "found on " + node.name());
  }
}
