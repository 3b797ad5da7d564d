package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Traits;
import java.util.Set;

/// Names and sizes for tests.
final class Things {
  static final long GI = 1L << 30;
  static final Traits PLAIN = Traits.of("amd64", Set.of("process"));

  private Things() {}

  static PeerId peer(int number) {
    String text = Integer.toString(100_000 + number).replace('0', 'z');
    return new PeerId("12D3KooW" + "P".repeat(40 - text.length()) + text);
  }

  static TaskId task(int number) {
    String digits = Integer.toString(number);
    return new TaskId("t" + "0".repeat(12 - digits.length()) + digits);
  }

  /// So many cores, each with 4 GiB.
  static Resources cores(int cores) {
    return new Resources(cores * 1000L, cores * 4 * GI, 0);
  }

  /// So many cores and no memory: what a suspended task gives back.
  static Resources cpus(int cpus) {
    return new Resources(cpus * 1000L, 0, 0);
  }

  static Provider provider(int number, int cores) {
    return Provider.of(peer(number), "node" + number, cores(cores), PLAIN);
  }

  static Task task(int number, int priority, long since, Resources resources) {
    return Task.of(task(number), "app", priority, since, Demand.of(resources, "process"));
  }
}
