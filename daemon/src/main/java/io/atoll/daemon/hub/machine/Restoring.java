package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.RunRow;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/// What a store that is a backup does not know, the providers do.
///
/// Tasks that were live in the backup are *held*: they are not placed, their ends do not count and
/// their runs are ordered only where they are known to be, until every provider that ever joined
/// has answered `Ask`, or was removed. The newest run that anybody tells of is the true one.
final class Restoring {
  private static final int PER_MESSAGE = 5_000;

  private final Memory memory;
  private final Runs runs;

  Restoring(Memory memory, Runs runs) {
    this.memory = memory;
    this.runs = runs;
  }

  /// A node knows of a higher epoch than was ever given out here: the store has gone back in time.
  /// A new generation begins, and tasks that may run elsewhere are held.
  void foundNewer(Step step, LiveNode node, Epoch told) {
    Epoch next = new Epoch(told.generation() + 1, 0);
    memory.highest = next;
    step.epoch(next);
    step.event(
        "store.behind",
        null,
        node.id,
        null,
        node.name() + " knows of epoch " + told + ": generation " + next.generation() + " begins");
    if (memory.restored) {
      return;
    }
    memory.restored = true;
    step.change(new Change.PutRestored(true));
    memory.nodes.values().forEach(other -> other.answered = false);
    for (LiveTask task : memory.tasks.values()) {
      RunRow run = task.openRun();
      LiveNode at = run == null ? null : memory.node(run.node());
      if (at == null || at == node || at.session == 0) {
        task.held = true;
        memory.queue.remove(task.id);
        task.due = 0;
        if (at != null && run != null) {
          step.remove(at, run.id());
        }
      }
    }
    memory.nodes.values().stream()
        .filter(other -> other != node)
        .forEach(other -> ask(step, other));
  }

  /// Asks a node for what it knows of the held tasks.
  void ask(Step step, LiveNode node) {
    if (!memory.restored || node.answered || node.session == 0) {
      return;
    }
    List<TaskId> held = held().stream().map(task -> task.id).toList();
    node.asked.addAll(held);
    node.answered = held.isEmpty();
    for (int i = 0; i < held.size(); i += PER_MESSAGE) {
      step.send(node, new ToProvider.Ask(held.subList(i, Math.min(held.size(), i + PER_MESSAGE))));
    }
  }

  void answered(LiveNode node, Collection<TaskId> asked) {
    if (!node.asked.isEmpty()) {
      node.asked.removeAll(asked);
      node.answered = node.asked.isEmpty();
    }
  }

  private List<LiveTask> held() {
    return memory.tasks.values().stream()
        .filter(task -> task.held)
        .sorted((a, b) -> a.id.compareTo(b.id))
        .toList();
  }

  /// Names of the nodes that have not answered.
  List<String> waitingFor() {
    return memory.nodes.values().stream()
        .filter(node -> !node.answered)
        .map(LiveNode::name)
        .toList();
  }

  /// Once all have answered, held tasks go on from the newest run that was told of.
  void releaseIfAllAnswered(Step step) {
    if (!memory.restored || !memory.nodes.values().stream().allMatch(node -> node.answered)) {
      return;
    }
    memory.restored = false;
    step.change(new Change.PutRestored(false));
    step.event("store.complete", null, null, null, "every node has said what it knows");
    for (LiveTask task : held()) {
      task.held = false;
      release(step, task);
    }
  }

  private void release(Step step, LiveTask task) {
    RunRow run = task.openRun();
    LiveTask.HeldExit heldExit = task.heldExit;
    task.heldExit = null;
    LiveNode node = run == null ? null : memory.node(run.node());
    if (heldExit != null) {
      LiveNode teller = memory.node(heldExit.node());
      RunReport report = heldExit.report();
      if (teller != null) {
        step.ack(teller, report);
      }
      if (run != null && run.id().equals(report.run())) {
        if (teller != null) {
          runs.apply(step, teller, task, report);
        } else {
          Exit exit = report.exit();
          runs.end(step, task, exit == null ? Exit.lost("its node was removed") : exit);
        }
        return;
      }
    }
    if (run != null && node != null) {
      if (node.desired.containsKey(run.id())) {
        return;
      }
      if (run.seq() > 0) {
        runs.end(step, task, Exit.lost(node.name() + " no longer knows of the run"));
      } else {
        runs.unplace(step, task, node.name() + " never got the run");
      }
      return;
    }
    if (task.state == TaskState.QUEUED) {
      Instant notBefore = task.notBefore;
      runs.enqueue(
          step.now,
          task,
          notBefore == null ? Duration.ZERO : Duration.between(step.now.wall(), notBefore));
    }
  }
}
