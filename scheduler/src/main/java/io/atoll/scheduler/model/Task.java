package io.atoll.scheduler.model;

import io.atoll.core.term.TaskId;
import org.jspecify.annotations.Nullable;

/// A task, as the scheduler is told of it.
///
/// @param app whose it is; apps of equal priority share fairly
/// @param priority 1 to 100, more is more urgent
/// @param since when it began to wait for the first time
/// @param expected how long it will run, as far as is known: its limit, or what such tasks
///     took; 0 = unknown
public record Task(
    TaskId id,
    String app,
    int priority,
    long since,
    Demand demand,
    OnPreempt onPreempt,
    Sleep sleep,
    @Nullable Group group,
    long expected) {
  /// What becomes of it when a more urgent task needs its place.
  public enum OnPreempt {
    /// It stands still where it is; where that cannot be done it is stopped and queued again.
    SUSPEND,
    STOP_AND_REQUEUE,
    /// It keeps its place.
    NEVER
  }

  /// What becomes of its memory while it stands still.
  public enum Sleep {
    KEEPS_MEMORY,
    /// It is given back where the driver can do that.
    FREES_MEMORY
  }

  public Task {
    if (priority < 1 || priority > 100) {
      throw new IllegalArgumentException("a priority is 1 to 100");
    }
    if (expected < 0) {
      throw new IllegalArgumentException("a task runs 0 ms or more");
    }
  }

  public static Task of(TaskId id, String app, int priority, long since, Demand demand) {
    return new Task(
        id, app, priority, since, demand, OnPreempt.SUSPEND, Sleep.KEEPS_MEMORY, null, 0);
  }

  public Task onPreempt(OnPreempt now) {
    return new Task(id, app, priority, since, demand, now, sleep, group, expected);
  }

  public Task sleep(Sleep now) {
    return new Task(id, app, priority, since, demand, onPreempt, now, group, expected);
  }

  public Task group(@Nullable Group now) {
    return new Task(id, app, priority, since, demand, onPreempt, sleep, now, expected);
  }

  public Task expected(long now) {
    return new Task(id, app, priority, since, demand, onPreempt, sleep, group, now);
  }

  public Task where(Where now) {
    return demand(demand.where(now));
  }

  public Task demand(Demand now) {
    return new Task(id, app, priority, since, now, onPreempt, sleep, group, expected);
  }
}
