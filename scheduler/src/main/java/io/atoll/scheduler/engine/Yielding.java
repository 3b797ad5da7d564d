package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Held.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Those that run and would give way, the least loss first.
final class Yielding {
  private final TreeMap<Integer, TreeSet<Live>> byLevel = new TreeMap<>();

  /// Those that are guarded by what they had grown to, by its end.
  private final TreeSet<Live> guarded =
      new TreeSet<>(
          Comparator.comparingLong((Live live) -> live.guarded)
              .thenComparing(live -> live.task.id()));

  void add(Live live) {
    if (live.state == State.RUNNING && live.way() != null) {
      byLevel.computeIfAbsent(live.level, level -> new TreeSet<>(Live.BY_LOSS)).add(live);
    }
    if (live.guarded > 0) {
      guarded.add(live);
    }
  }

  void remove(Live live) {
    TreeSet<Live> level = byLevel.get(live.level);
    if (level != null && level.remove(live) && level.isEmpty()) {
      byLevel.remove(live.level);
    }
    if (live.guarded > 0) {
      guarded.remove(live);
    }
  }

  /// By level, those that a priority drives out.
  List<Set<Live>> below(int priority) {
    return List.copyOf(byLevel.headMap(priority).values());
  }

  /// Those whose guard ends by then.
  List<Live> unguardedAt(long now) {
    List<Live> ended = new ArrayList<>();
    for (Live live : guarded) {
      if (live.guarded > now) {
        break;
      }
      ended.add(live);
    }
    return ended;
  }
}
