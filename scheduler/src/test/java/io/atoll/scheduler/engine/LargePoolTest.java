package io.atoll.scheduler.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.scheduler.engine.LargePool.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Scale, in the memory that the tests of this module have in all: 512 MB.
class LargePoolTest {
  private static final long SEED = Long.getLong("atoll.sim.seed", System.nanoTime() >>> 16);

  @Test
  void sameSeedSameDecisions() {
    Outcome once = run(300, 10_000);
    assertThat(once.suspended()).isPositive();
    assertThat(once.stopped()).isPositive();
    assertThat(once.lost()).isPositive();
    assertThat(once.stale()).isPositive();
    assertThat(run(300, 10_000)).as("seed %d", SEED).isEqualTo(once);
  }

  /// It prints how long it took.
  @Test
  @Tag("real")
  void tenThousandProvidersAMillionTasks() {
    assertThat(run(10_000, 1_000_000).placed()).isGreaterThanOrEqualTo(1_000_000);
  }

  private static Outcome run(int providers, int tasks) {
    long begin = System.nanoTime();
    Outcome outcome = new LargePool(SEED, providers, tasks).live();
    System.out.printf(
        "%d providers, %d tasks, seed %d: %s, in %.1f s%n",
        providers, tasks, SEED, outcome, (System.nanoTime() - begin) / 1e9);
    return outcome;
  }
}
