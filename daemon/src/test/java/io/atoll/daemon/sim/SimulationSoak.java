package io.atoll.daemon.sim;

import java.util.Set;

/// Many more worlds than the suite has time for: `-Datoll.sim.seeds=N -Datoll.sim.seed=S`. Stops at
/// the first broken promise.
public final class SimulationSoak {
  private SimulationSoak() {}

  public static void main(String[] args) {
    long first = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffffffffL);
    long seeds = Long.getLong("atoll.sim.seeds", 100_000);
    System.out.println("simulation soak: " + seeds + " seeds from " + first);
    for (long i = 0; i < seeds; i++) {
      Simulation.run(first + i, Set.of());
      if ((i + 1) % 10_000 == 0) {
        System.out.println((i + 1) + " worlds kept their promises");
      }
    }
  }
}
