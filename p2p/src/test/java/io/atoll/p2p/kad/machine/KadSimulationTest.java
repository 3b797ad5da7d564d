package io.atoll.p2p.kad.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `-Datoll.sim.seeds=N` networks of 1,000 nodes from `-Datoll.sim.seed=S` on; without it one
/// of 150.
class KadSimulationTest {
  private static final long FIRST = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffff);
  private static final int SEEDS = Integer.getInteger("atoll.sim.seeds", 0);

  @Test
  void lookupsReachTheClosestTwentyWhileAFifthComesAndGoes() {
    int size = SEEDS == 0 ? 150 : 1000;
    int searches = 500; // of fewer, two that miss would be more than a hundredth
    for (long seed = FIRST; seed < FIRST + Math.max(1, SEEDS); seed++) {
      long begun = System.nanoTime();
      KadSimulation.Result result = KadSimulation.run(seed, size, 0.2, searches);
      System.out.printf(
          "kad simulation, %d nodes, seed %d: %s, %.1f s%n",
          size, seed, result, (System.nanoTime() - begun) / 1e9);
      // Some of those who ask die before they know.
      assertThat(result.lookups()).as("seed %d", seed).isGreaterThan(searches * 9 / 10);
      assertThat(result.exactShare()).as("seed %d", seed).isGreaterThanOrEqualTo(0.99);
      assertThat(result.puts()).as("seed %d", seed).isEqualTo(searches / 10);
      assertThat(result.gets()).as("seed %d", seed).isGreaterThanOrEqualTo(searches / 10 - 1);
      assertThat(result.providersFound())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(searches / 10 - 1);
    }
  }

  @Test
  void theSameSeedIsTheSameTrace() {
    KadSimulation.Result once = KadSimulation.run(FIRST, 50, 0.2, 30);
    assertThat(KadSimulation.run(FIRST, 50, 0.2, 30)).isEqualTo(once);
    assertThat(KadSimulation.run(FIRST + 1, 50, 0.2, 30).trace()).isNotEqualTo(once.trace());
  }
}
