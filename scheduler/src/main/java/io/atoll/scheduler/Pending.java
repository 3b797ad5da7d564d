package io.atoll.scheduler;

import io.atoll.core.term.TaskId;
import java.util.Comparator;

/// A task that waits for a node.
///
/// @param priority more is more urgent
/// @param age smaller is older
public record Pending(TaskId task, int priority, long age, Need need) {
  /// Most urgent first, then oldest; never equal for two tasks.
  public static final Comparator<Pending> ORDER =
      Comparator.comparingInt((Pending p) -> -p.priority())
          .thenComparingLong(Pending::age)
          .thenComparing(Pending::task);
}
