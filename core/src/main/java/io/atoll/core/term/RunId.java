package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// One run of a task: the task and the epoch of its placement. Its text, `t0123456789ab.1-7`, names
/// the run's folder, cgroup and container.
public record RunId(TaskId task, Epoch epoch) implements Comparable<RunId> {

  @JsonCreator
  public static RunId parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      throw new IllegalArgumentException("not a run id: expected <task id>.<epoch>");
    }
    return new RunId(new TaskId(text.substring(0, dot)), Epoch.parse(text.substring(dot + 1)));
  }

  @Override
  public int compareTo(RunId other) {
    int byTask = task.compareTo(other.task);
    return byTask != 0 ? byTask : epoch.compareTo(other.epoch);
  }

  @JsonValue
  @Override
  public String toString() {
    return task + "." + epoch;
  }
}
