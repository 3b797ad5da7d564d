package io.atoll.scheduler.engine;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// Who is next within a pass: a queue, or a task that stands still. See `Queue` for the weight.
///
/// @param queue null = the sleeper
/// @param sleeper null = the queue
/// @param step in which it began to wait, less the priority
/// @param share what its app holds of the pool
/// @param name decides between equals
record Turn(
    @Nullable Queue queue,
    @Nullable Live sleeper,
    long step,
    int priority,
    double share,
    long since,
    String name) {
  static final Comparator<Turn> ORDER =
      Comparator.comparingLong(Turn::step)
          .thenComparingInt(turn -> -turn.priority)
          .thenComparing(turn -> turn.sleeper == null)
          .thenComparingDouble(Turn::share)
          .thenComparingLong(Turn::since)
          .thenComparing(Turn::name);

  static Turn of(Queue queue, Index index) {
    String app = queue.key.app();
    int priority = queue.key.priority();
    long since = queue.since();
    long step = stepOf(index, since, priority);
    return new Turn(queue, null, step, priority, index.shares.of(app), since, app);
  }

  static Turn of(Live sleeper, Index index) {
    int priority = sleeper.task.priority();
    long step = stepOf(index, sleeper.at, priority);
    double share = index.shares.of(sleeper.task.app());
    String name = sleeper.task.id().text();
    return new Turn(null, sleeper, step, priority, share, sleeper.at, name);
  }

  static long stepOf(Index index, long since, int priority) {
    return Math.floorDiv(since, index.policy.ageStep()) - priority;
  }
}
