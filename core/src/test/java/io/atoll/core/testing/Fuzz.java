package io.atoll.core.testing;

import java.util.List;
import java.util.Random;

/// Rounds of random input with a seed that is printed. `-Datoll.fuzz.rounds=N` and
/// `-Datoll.fuzz.seed=S` make a long run, or repeat one.
public final class Fuzz {
  private Fuzz() {}

  @FunctionalInterface
  public interface Round {
    void run(Random random) throws Exception;
  }

  /// Each round has a seed of its own, which the failure names: a single round can be repeated with
  /// `rounds=1` and that seed.
  public static void rounds(String what, int rounds, Round round) {
    long first = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int count = Integer.getInteger("atoll.fuzz.rounds", rounds);
    System.out.println("fuzz " + what + ": " + count + " rounds from seed " + first);
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      try {
        round.run(new Random(seed));
      } catch (Exception | Error e) {
        throw new AssertionError("fuzz " + what + " failed with -Datoll.fuzz.seed=" + seed, e);
      }
    }
  }

  /// Bytes that a parser might meet: noise, or a valid sample with some of it changed, cut,
  /// doubled.
  public static byte[] bytes(Random random, List<byte[]> samples) {
    if (samples.isEmpty() || random.nextInt(4) == 0) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
    for (int changes = random.nextInt(4); changes >= 0 && bytes.length > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = java.util.Arrays.copyOf(bytes, at);
        default -> {
          byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + at);
          System.arraycopy(bytes, 0, longer, bytes.length, at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
