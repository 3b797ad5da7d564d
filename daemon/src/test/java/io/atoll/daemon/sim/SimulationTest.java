package io.atoll.daemon.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `-Datoll.sim.seeds=N` worlds, from seed `-Datoll.sim.seed=S` on; by default 1,000 of them, from
/// a seed that is new each time and printed.
class SimulationTest {
  private static final long FIRST = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffff);
  private static final int SEEDS = Integer.getInteger("atoll.sim.seeds", 1_000);

  @Test
  void promisesHoldWhateverHappens() {
    System.out.println("simulation: " + SEEDS + " seeds from " + FIRST);
    long events = 0;
    long payloads = 0;
    double seconds = 0;
    for (int i = 0; i < SEEDS; i++) {
      Simulation.Result result = Simulation.run(FIRST + i, Set.of());
      events += result.events();
      payloads += result.payloads();
      seconds += result.seconds();
    }
    System.out.printf(
        "simulation: %d events, %d payloads, %.0f virtual seconds%n", events, payloads, seconds);
    assertThat(payloads).isGreaterThan(SEEDS);
  }

  @Test
  void theSameSeedIsTheSameWorld() {
    for (long seed = FIRST; seed < FIRST + 20; seed++) {
      Simulation.Result once = Simulation.run(seed, Set.of());
      assertThat(Simulation.run(seed, Set.of()).hash())
          .as("trace of seed %d", seed)
          .isEqualTo(once.hash());
    }
    assertThat(Simulation.run(FIRST, Set.of()).hash())
        .isNotEqualTo(Simulation.run(FIRST + 1, Set.of()).hash());
  }

  @ParameterizedTest
  @EnumSource
  void plantedBugsAreFound(Bug bug) {
    for (long seed = FIRST; seed < FIRST + 1_000; seed++) {
      try {
        Simulation.run(seed, EnumSet.of(bug));
      } catch (World.Broken found) {
        System.out.println(
            "simulation: "
                + bug
                + " found at seed "
                + seed
                + ", after "
                + (seed - FIRST + 1)
                + ": "
                + found.getMessage().lines().findFirst().orElse(""));
        return;
      }
    }
    throw new AssertionError(bug + " was not found in 1,000 seeds from " + FIRST);
  }
}
