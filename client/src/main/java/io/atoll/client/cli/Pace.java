package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Suspends or resumes several tasks: all are asked before the first is waited for.
final class Pace {
  private static final long SHORTEST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 250;

  private Pace() {}

  /// @param until what to wait for; null = nothing. A task without a node is not waited for: it
  ///     neither runs nor stands still
  /// @return exit status: 1 if one ended instead
  static int change(
      Context context,
      List<String> tasks,
      Function<String, TaskView> ask,
      @Nullable Predicate<TaskView> until)
      throws InterruptedException {
    List<TaskView> asked = new ArrayList<>();
    for (String task : tasks) {
      asked.add(ask.apply(task));
    }
    int status = 0;
    for (TaskView first : asked) {
      TaskView task = until == null ? first : reached(context.hub(), first, until);
      if (task.state().ended()) {
        context.note("task " + task.id() + " ended meanwhile: " + task.detail());
        status = 1;
      }
      if (context.json()) {
        context.printJson(task);
      } else {
        context.print(task.id().text());
      }
    }
    return status;
  }

  private static TaskView reached(HubClient hub, TaskView first, Predicate<TaskView> until)
      throws InterruptedException {
    TaskView task = first;
    long pause = SHORTEST_PAUSE_MILLIS;
    while (!until.test(task) && task.state() != TaskState.QUEUED && !task.state().ended()) {
      Thread.sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
      task = hub.task(first.id().text());
    }
    return task;
  }
}
