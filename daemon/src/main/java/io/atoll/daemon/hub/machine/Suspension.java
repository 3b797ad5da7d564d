package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskState;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.RunRow;
import io.atoll.market.activity.Desired;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What owners ask of their tasks' pace. A run that is there is told by its node's desired set; a
/// task without a run is not placed as long as its owner wants it to stand still.
final class Suspension {
  private final Memory memory;
  private final Runs runs;
  private final Views views;

  Suspension(Memory memory, Runs runs, Views views) {
    this.memory = memory;
    this.runs = runs;
    this.views = views;
  }

  void suspend(Step step, HubEvent.SuspendTask event) {
    LiveTask task = changeable(step, event.ticket(), event.id(), "suspended");
    if (task == null) {
      return;
    }
    if (event.deep() && refused(step, event.ticket(), task)) {
      return;
    }
    if (task.desired != Desired.SUSPEND || (event.deep() && !task.deep)) {
      step.touch(task);
      task.desired = Desired.SUSPEND;
      task.deep |= event.deep();
      if (task.state == TaskState.QUEUED) {
        runs.dequeue(task);
        task.detail = "suspended before it was placed";
        step.event("task.suspended", task.id, null, null, task.detail);
      } else {
        tell(step, task, "suspend");
      }
    }
    step.reply(event.ticket(), new Answer.Task(views.brief(task)));
  }

  void resume(Step step, HubEvent.ResumeTask event) {
    LiveTask task = changeable(step, event.ticket(), event.id(), "resumed");
    if (task == null) {
      return;
    }
    if (task.desired == Desired.SUSPEND) {
      step.touch(task);
      task.desired = Desired.RUN;
      task.deep = false;
      if (task.state == TaskState.QUEUED) {
        task.detail = "queued";
        step.event("task.queued", task.id, null, null, "resumed by its owner");
        Instant notBefore = task.notBefore;
        runs.enqueue(
            step.now,
            task,
            notBefore == null ? Duration.ZERO : Duration.between(step.now.wall(), notBefore));
        runs.plan(step);
      } else {
        tell(step, task, "resume");
      }
    }
    step.reply(event.ticket(), new Answer.Task(views.brief(task)));
  }

  /// A task that waits for a node has no memory to give back.
  private boolean refused(Step step, long ticket, LiveTask task) {
    RunRow run = task.openRun();
    LiveNode node = run == null ? null : memory.node(run.node());
    String driver = task.spec.workload().driver();
    if (node == null || node.row.offer().deep(driver)) {
      return false;
    }
    step.fail(
        ticket,
        ErrorCode.DRIVER_CANNOT,
        "task "
            + task.label()
            + " runs by the driver "
            + driver
            + " on "
            + node.name()
            + ", which cannot give its memory back while it is suspended",
        "suspend it without --deep: it stands still and keeps its memory");
    return true;
  }

  /// Its node learns of the new wish; the state follows once the node has done it.
  private void tell(Step step, LiveTask task, String wish) {
    RunRow run = task.openRun();
    LiveNode node = run == null ? null : memory.node(run.node());
    task.detail = "asked to " + wish;
    if (run != null && node != null) {
      if (node.state == LiveNode.State.LOST || node.session == 0) {
        task.detail += "; " + node.name() + " is silent and will be told when it is back";
      }
      if (node.desired.containsKey(run.id())) {
        step.put(node, runs.order(task, run.id()));
      }
    }
    step.event(
        wish.equals("suspend") ? "task.suspending" : "task.resuming",
        task.id,
        run == null ? null : run.node(),
        task.epoch,
        task.detail);
  }

  private @Nullable LiveTask changeable(Step step, long ticket, TaskId id, String done) {
    LiveTask task = memory.tasks.get(id);
    if (task == null) {
      step.reply(ticket, new Answer.NotLive(id));
      return null;
    }
    return switch (task.state) {
      case QUEUED, STARTING, RUNNING, SUSPENDED -> task;
      case STOPPING, SUCCEEDED, FAILED, STOPPED -> {
        step.fail(
            ticket,
            ErrorCode.CONFLICT,
            "task " + task.label() + " was asked to end and cannot be " + done,
            "see how far it is: atoll task show " + task.label());
        yield null;
      }
    };
  }
}
