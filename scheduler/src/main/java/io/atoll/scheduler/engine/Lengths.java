package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Task;
import java.util.HashMap;
import java.util.Map;

/// How long tasks run: as they say, or as their app's tasks did lately (an average that
/// forgets, a quarter with each new one). Used for estimates only, never for a decision.
final class Lengths {
  private static final int MOST_APPS = 10_000;

  private final Map<String, Long> means = new HashMap<>();

  void ended(Task task, long ran) {
    Long known = means.get(task.app());
    if (known == null && means.size() >= MOST_APPS) {
      means.clear();
    }
    means.put(task.app(), known == null ? ran : known + (ran - known) / 4);
  }

  /// 0 = unknown.
  long of(Task task) {
    return task.expected() > 0 ? task.expected() : means.getOrDefault(task.app(), 0L);
  }
}
