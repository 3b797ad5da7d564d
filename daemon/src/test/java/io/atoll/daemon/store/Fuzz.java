package io.atoll.daemon.store;

import java.util.Random;

/// Seed and length of random tests: `-Datoll.fuzz.seed=S -Datoll.fuzz.rounds=N`. Each test prints
/// its seed, which is new each time unless given.
public final class Fuzz {
  private Fuzz() {}

  public static int rounds(int inTheSuite) {
    return Integer.getInteger("atoll.fuzz.rounds", inTheSuite);
  }

  public static Random random(String test) {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println(test + ": -Datoll.fuzz.seed=" + seed);
    return new Random(seed);
  }
}
