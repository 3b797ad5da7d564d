package io.atoll.daemon.rest;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/// Waits for a task to get somewhere. The events only wake it: what counts is the task as it is
/// read after.
final class TaskWatch {
  private final HubApi hub;

  TaskWatch(HubApi hub) {
    this.hub = hub;
  }

  /// What is done each time nothing came for a while.
  interface Idle {
    void idle() throws IOException;
  }

  /// The task once it has ended, or as it stands after `wait`.
  TaskView ended(String task, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    TaskView view = hub.task(task);
    while (!view.state().ended()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      await(view, Duration.ofNanos(left));
      view = hub.task(view.id().text());
    }
    return view;
  }

  /// The task once it has a run or has ended without one, however long that takes.
  TaskView placed(TaskView task, Idle idle) throws IOException, InterruptedException {
    Predicate<TaskView> unplaced = t -> !hasRun(t) && !t.state().ended();
    TaskView view = task;
    while (unplaced.test(view)) {
      if (!await(view, EventStream.PING)) {
        idle.idle();
      }
      view = hub.task(view.id().text());
    }
    return view;
  }

  static boolean hasRun(TaskView task) {
    return task.epoch() != null && !task.epoch().equals(Epoch.NONE);
  }

  /// Waits for an event that the view does not show yet; false if none came.
  private boolean await(TaskView view, Duration wait) throws InterruptedException {
    long seen = view.events().stream().mapToLong(EventView::seq).max().orElse(0);
    try {
      return !hub.events(seen, view.id(), 1, wait).events().isEmpty();
    } catch (AtollException e) {
      if (e.code() != ErrorCode.GONE) {
        throw e;
      }
      // The newest event that the view shows is trimmed already: look at the task at intervals.
      Thread.sleep(Math.min(1000, Math.max(1, wait.toMillis())));
      return false;
    }
  }
}
