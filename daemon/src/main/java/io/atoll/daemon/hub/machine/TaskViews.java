package io.atoll.daemon.hub.machine;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task's rows as people see them; for live tasks and for those that only the store still has.
public final class TaskViews {
  private TaskViews() {}

  /// @param run its newest run; null before the first
  /// @param nodeName what people call the run's node; null if that is unknown by now
  /// @param nodeState null if the node is not one of the hub's
  /// @param networks where it is found
  public static TaskView of(
      TaskRow task,
      @Nullable RunRow run,
      @Nullable String nodeName,
      @Nullable String nodeState,
      @Nullable Waiting waiting,
      List<EventView> events,
      List<TaskAddress> networks) {
    // What ended a run before is no news of a task that waits or runs again: its events tell that.
    Exit exit = task.state().ended() ? task.exit() : null;
    Epoch epoch = task.epoch().equals(Epoch.NONE) ? null : task.epoch();
    return new TaskView(
        task.id(),
        task.spec().name(),
        task.state(),
        task.spec().workload().driver(),
        exit == null ? null : exit.code(),
        exit == null || exit.detail().isEmpty() ? null : exit.detail(),
        run == null ? null : run.node(),
        nodeName,
        nodeState,
        epoch,
        run == null || run.ended() ? List.of() : run.endpoints(),
        task.detail(),
        waiting,
        task.spec(),
        task.createdAt(),
        task.startedAt(),
        task.endedAt(),
        events,
        task.state() == TaskState.SUSPENDED && run != null && run.deep(),
        networks,
        List.of());
  }
}
