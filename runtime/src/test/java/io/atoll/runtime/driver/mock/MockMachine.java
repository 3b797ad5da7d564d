package io.atoll.runtime.driver.mock;

import io.atoll.core.term.RunId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The machine on which [MockDriver]s run things: it outlives them, as a real one outlives the
/// daemon.
public final class MockMachine {
  final Map<RunId, MockActivity> activities = new ConcurrentHashMap<>();

  /// How many payloads were started since the machine was made, for the count of doubles.
  final Map<RunId, Integer> starts = new ConcurrentHashMap<>();

  /// Runs that have not ended.
  public long running() {
    return activities.values().stream().filter(activity -> !activity.ended()).count();
  }

  /// How often the payload of this run began.
  public int starts(RunId run) {
    return starts.getOrDefault(run, 0);
  }

  /// How many runs had a payload that began.
  public int started() {
    return starts.size();
  }

  /// Ends a run as if its supervisor had been killed.
  public void lose(RunId run) {
    MockActivity activity = activities.get(run);
    if (activity != null) {
      activity.lose();
    }
  }
}
