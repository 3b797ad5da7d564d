package io.atoll.p2p.gossip.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `-Datoll.sim.seeds=N` networks of 1,000 nodes from `-Datoll.sim.seed=S` on; without it one
/// of 200.
class GossipSimulationTest {
  private static final long FIRST = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffff);
  private static final int SEEDS = Integer.getInteger("atoll.sim.seeds", 0);

  @Test
  void messagesReachAllButAFewWhileATenthIsHostile() {
    int size = SEEDS == 0 ? 200 : 1000;
    for (long seed = FIRST; seed < FIRST + Math.max(1, SEEDS); seed++) {
      long begun = System.nanoTime();
      GossipSimulation.Result result = GossipSimulation.run(seed, size, 0.1, 40);
      System.out.printf(
          "gossip simulation, %d nodes, seed %d: %s, %.1f s%n",
          size, seed, result, (System.nanoTime() - begun) / 1e9);
      assertThat(result.messages()).as("seed %d", seed).isEqualTo(40);
      assertThat(result.share()).as("seed %d", seed).isGreaterThanOrEqualTo(0.99);
      // A copy that was quick by many short ways may overtake those with fewer hops.
      assertThat(result.worst()).as("seed %d", seed).isGreaterThanOrEqualTo(0.95);
      assertThat(result.worstAtAll()).as("seed %d", seed).isGreaterThanOrEqualTo(0.99);
      assertThat(result.wrongAccepted()).as("seed %d", seed).isZero();
      // The hostile ones are a tenth of the peers, and much less of the meshes.
      assertThat((double) result.hostileInMeshes() / result.inMeshes())
          .as("seed %d", seed)
          .isLessThan(0.05);
    }
  }

  @Test
  void theSameSeedIsTheSameTrace() {
    GossipSimulation.Result once = GossipSimulation.run(FIRST, 60, 0.1, 10);
    assertThat(GossipSimulation.run(FIRST, 60, 0.1, 10)).isEqualTo(once);
    assertThat(GossipSimulation.run(FIRST + 1, 60, 0.1, 10).trace()).isNotEqualTo(once.trace());
  }
}
