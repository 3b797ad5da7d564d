package io.atoll.scheduler.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The rules hold whatever happens, and find each planted bug.
class RulesTest {
  private static final long SEED = Long.getLong("atoll.sim.seed", System.nanoTime() >>> 16);

  @Test
  void theRulesHold() {
    int seeds = Integer.getInteger("atoll.sim.seeds", 1_000);
    System.out.println("scheduler rules: " + seeds + " seeds from " + SEED);
    int suspended = 0;
    int resumed = 0;
    int stopped = 0;
    for (int i = 0; i < seeds; i++) {
      RandomRun.Outcome outcome = RandomRun.of(SEED + i);
      assertThat(outcome.broken()).as("seed %d", SEED + i).isEmpty();
      suspended += outcome.suspended();
      resumed += outcome.resumed();
      stopped += outcome.stopped();
    }
    System.out.printf(
        "scheduler rules: %d suspended, %d resumed, %d stopped%n", suspended, resumed, stopped);
    // Runs in which nobody gives way would show nothing.
    assertThat(suspended).isGreaterThan(seeds);
    assertThat(resumed).isGreaterThan(seeds / 2);
    assertThat(stopped).isGreaterThan(seeds / 4);
  }

  @Test
  void theRulesFindEachBug() {
    for (int i = 1; i <= 500; i++) {
      // What is told alone breaks none.
      assertThat(RandomRun.of(SEED + i, Bug.NONE).broken()).as("seed %d", SEED + i).isEmpty();
    }
    for (Bug bug : Bug.values()) {
      if (bug == Bug.NONE) {
        continue;
      }
      int needed = 0;
      for (int i = 1; i <= 500 && needed == 0; i++) {
        if (!RandomRun.of(SEED + i, bug).broken().isEmpty()) {
          needed = i;
        }
      }
      System.out.println("scheduler bug " + bug + ": found by seed number " + needed);
      assertThat(needed).as("%s from seed %d", bug, SEED).isPositive();
    }
  }
}
