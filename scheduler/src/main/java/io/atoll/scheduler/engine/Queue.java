package io.atoll.scheduler.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What waits of one app at one priority.
///
/// Its weight grows by one priority for each step of waiting since its first task came, or
/// since it was last served. All weights grow alike, so their order is that of a number that
/// does not change meanwhile: the step in which it began to wait, less the priority.
final class Queue {
  record Key(String app, int priority) {
    static Key of(Live live) {
      return new Key(live.task.app(), live.task.priority());
    }
  }

  final Key key;
  final Map<Line.Key, Line> lines = new HashMap<>();

  /// Lines in the order of their first tasks, and those of them that may fit without room
  /// growing.
  final TreeSet<Line> all = new TreeSet<>(Line.BY_HEAD);

  final TreeSet<Line> open = new TreeSet<>(Line.BY_HEAD);

  /// When it was last given a place.
  long served;

  Queue(Key key, long served) {
    this.key = key;
    this.served = served;
  }

  /// The first line that is worth a look in a pass.
  ///
  /// @param grown whether there is a slot that grew
  @Nullable Line next(boolean grown, long pass) {
    for (Line line : grown ? all : open) {
      if (line.closedIn != pass) {
        return line;
      }
    }
    return null;
  }

  /// Since when it waits to be served.
  long since() {
    return Math.max(all.first().head().task.since(), served);
  }
}
