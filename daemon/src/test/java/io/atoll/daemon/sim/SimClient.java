package io.atoll.daemon.sim;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Desired;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Somebody who submits tasks to one hub, repeats what was not answered, stops some and deletes
/// others.
final class SimClient {
  /// A task as its owner knows it.
  static final class Asked {
    final SimHub hub;
    final TaskSpec spec;
    final String key;
    @Nullable TaskId id;
    boolean acked;
    boolean refused;
    boolean stopAsked;
    boolean stopped;
    boolean deleteAsked;
    boolean deleted;
    long ackedAt;

    /// The store went back to before its owner did something to it: it may be gone, or back.
    boolean mayBeForgotten;

    Asked(SimHub hub, TaskSpec spec, String key) {
      this.hub = hub;
      this.spec = spec;
      this.key = key;
    }

    boolean settled() {
      return refused || (acked && (!stopAsked || stopped) && (!deleteAsked || deleted));
    }
  }

  private static final long PATIENCE = 2 * World.SECOND;

  private final World world;
  private final SimHub hub;
  final List<Asked> tasks = new ArrayList<>();

  /// In some worlds most tasks are long and to be replaced when their node falls silent.
  private final boolean longLived;

  SimClient(World world, SimHub hub) {
    this.world = world;
    this.hub = hub;
    this.longLived = world.chance(0.25);
  }

  /// Submits `count` tasks within `span`, and does things to some of them.
  void begin(int count, long span) {
    for (int i = 0; i < count; i++) {
      Asked task = new Asked(hub, spec(i), hub.name + "-key" + i);
      tasks.add(task);
      long at = world.between(0, span);
      world.at(at, () -> submit(task));
      if (world.chance(0.15)) {
        world.at(at + world.between(0, span / 2), () -> stop(task));
      }
      if (world.chance(0.2)) {
        long times = world.between(1, 6);
        for (int j = 0; j < times; j++) {
          boolean pause = world.chance(0.6);
          world.at(at + world.between(0, span - at), () -> pace(task, pause));
        }
      }
      if (world.chance(0.2)) {
        world.at(at + world.between(span / 8, span), () -> delete(task));
      }
    }
  }

  private TaskSpec spec(int number) {
    Script script =
        new Script(
            world.chance(longLived ? 0.1 : 0.3)
                ? world.between(0, 50 * World.MILLI)
                : world.between(50 * World.MILLI, (longLived ? 30 : 15) * World.SECOND),
            world.chance(0.6) ? 0 : (int) world.between(1, 120),
            world.chance(0.04),
            world.chance(0.08));
    TaskSpec.Restart.Policy policy =
        world.chance(longLived ? 0.25 : 0.5)
            ? TaskSpec.Restart.Policy.NEVER
            : world.chance(0.7)
                ? TaskSpec.Restart.Policy.ON_FAILURE
                : TaskSpec.Restart.Policy.ALWAYS;
    TaskSpec.OnDisconnect onDisconnect =
        world.chance(longLived ? 0.2 : 0.5)
            ? TaskSpec.OnDisconnect.KEEP
            : world.chance(longLived ? 0.2 : 0.4)
                ? TaskSpec.OnDisconnect.STOP
                : TaskSpec.OnDisconnect.REPLACE;
    return new TaskSpec(
        world.chance(0.1) ? "name-" + world.between(0, 2) : null,
        new Workload(
            "process",
            null,
            script.command(),
            Map.of(),
            new Resources(world.between(1, 8) * 250, world.between(1, 8) * 256, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        (int) world.between(1, 100),
        world.chance(0.1) ? world.providers.getFirst().name : null,
        new TaskSpec.Restart(policy, (int) world.between(1, 4), (int) world.between(3, 10)),
        onDisconnect,
        world.chance(0.1) ? world.between(1, 5) : 0,
        world.between(0, 5),
        hub.hasNetwork() && world.chance(0.5)
            ? List.of(new TaskSpec.Seat(SimHub.NETWORK, null))
            : List.of());
  }

  private void submit(Asked task) {
    if (task.acked || task.refused) {
      return;
    }
    TaskId id = TaskId.random(new java.util.Random(world.random.nextLong()));
    world.witness.submitted(id, task);
    hub.ask(
        ticket -> new SimHub.Input.Submit(ticket, id, task.spec, task.key),
        answer -> {
          switch (answer) {
            case Answer.Task made -> acked(task, made.view().id());
            case Answer.Repeated repeated -> acked(task, repeated.id());
            case Answer.Failed failed -> {
              world.log("client: " + task.key + " refused: " + failed.message());
              task.refused = !task.acked;
            }
            case Answer.NotLive _, Answer.Done _ ->
                throw world.broken("a submit was answered with " + answer);
          }
        });
    world.at(PATIENCE, () -> submit(task));
  }

  private void acked(Asked task, TaskId id) {
    world.log("client: " + task.key + " is " + id);
    if (task.id != null && !task.id.equals(id) && !task.mayBeForgotten) {
      throw world.broken("one request made two tasks: " + task.id + " and " + id);
    }
    task.id = id;
    task.acked = true;
    // A repeat that was on its way may be taken after the first was refused.
    task.refused = false;
    task.ackedAt = world.time;
    world.witness.submitted(id, task);
  }

  void stop(Asked task) {
    TaskId id = task.id;
    if (task.stopped || task.refused) {
      return;
    }
    if (id == null) {
      world.at(PATIENCE, () -> stop(task));
      return;
    }
    task.stopAsked = true;
    world.witness.unprotect(id);
    hub.ask(
        ticket -> new SimHub.Input.Stop(ticket, id),
        answer -> {
          if (answer instanceof Answer.Failed failed) {
            throw world.broken("a stop failed: " + failed.message());
          }
          task.stopped = true;
        });
    world.at(PATIENCE, () -> stop(task));
  }

  /// Suspends or resumes it, if it is there; an answer that is lost is not waited for.
  private void pace(Asked task, boolean pause) {
    TaskId id = task.id;
    if (id != null && world.chaos) {
      hub.ask(
          ticket ->
              pause ? new SimHub.Input.Suspend(ticket, id) : new SimHub.Input.Resume(ticket, id),
          _ -> {});
    }
  }

  /// Nothing is left suspended.
  void resumeAll() {
    for (TaskRow row : hub.store.tasks.values()) {
      if (!row.state().ended() && row.desired() == Desired.SUSPEND) {
        hub.ask(ticket -> new SimHub.Input.Resume(ticket, row.id()), _ -> {});
      }
    }
    world.at(2 * World.SECOND, this::resumeAll);
  }

  private void delete(Asked task) {
    TaskId id = task.id;
    if (task.deleted || task.refused) {
      return;
    }
    TaskRow row = id == null ? null : hub.store.tasks.get(id);
    if (id == null || ((row == null || !row.state().ended()) && !task.deleteAsked)) {
      if (world.chaos) {
        world.at(PATIENCE, () -> delete(task));
      }
      return;
    }
    task.deleteAsked = true;
    hub.ask(
        ticket -> new SimHub.Input.Delete(ticket, id),
        answer -> {
          // NOT_FOUND = an earlier one did it, and its answer was lost.
          task.deleted = true;
        });
    world.at(PATIENCE, () -> delete(task));
  }

  /// The faults are over: what would go on for ever is stopped, also what came back with a backup.
  void wrapUp() {
    for (Asked task : tasks) {
      if (task.stopAsked || task.spec.restart().policy() == TaskSpec.Restart.Policy.ALWAYS) {
        stop(task);
      }
    }
    for (TaskRow row : hub.store.tasks.values()) {
      if (!row.state().ended()
          && row.spec().restart().policy() == TaskSpec.Restart.Policy.ALWAYS
          && row.desired() == Desired.RUN) {
        world.witness.stopAsked(row.id());
        hub.ask(ticket -> new SimHub.Input.Stop(ticket, row.id()), _ -> {});
      }
    }
    world.at(2 * World.SECOND, this::wrapUp);
  }

  /// What it still waits for; empty if nothing.
  String unsettled() {
    StringBuilder all = new StringBuilder();
    for (Asked task : tasks) {
      if (!task.settled()) {
        all.append(
            String.format(
                "\n  %s as %s: acked %s refused %s stop %s/%s delete %s/%s",
                task.key,
                task.id,
                task.acked,
                task.refused,
                task.stopAsked,
                task.stopped,
                task.deleteAsked,
                task.deleted));
      }
    }
    return all.toString();
  }
}
