package io.atoll.scheduler.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoomIndexTest {
  private static final int SLOTS = 60;

  /// Against looking at each.
  @Test
  void findsWhatLookingAtEachFinds() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("room index from seed " + seed);
    Random random = new Random(seed);
    RoomIndex index = new RoomIndex(3);
    long[][] rows = new long[SLOTS][];
    for (int step = 0; step < 20_000; step++) {
      int slot = random.nextInt(SLOTS);
      if (random.nextInt(4) == 0) {
        index.remove(slot);
        rows[slot] = null;
      } else {
        long[] row = {
          random.nextInt(5),
          random.nextInt(9),
          random.nextInt(9),
          random.nextInt(9),
          1L << random.nextInt(4)
        };
        rows[slot] = row;
        index.put(slot, slot, row[0], row[1], row[2], row[3], row[4]);
      }
      long cpu = random.nextInt(10);
      long memory = random.nextInt(10);
      long disk = random.nextInt(10);
      long bits = random.nextInt(16);
      int odd = random.nextInt(3);
      Comparator<Integer> order =
          Comparator.comparingLong((Integer i) -> rows[i][0])
              .thenComparingLong(i -> RoomIndex.mix((long) i ^ 3));
      var fitting =
          IntStream.range(0, SLOTS)
              .filter(
                  i ->
                      rows[i] != null
                          && i % 3 != odd
                          && rows[i][1] >= cpu
                          && rows[i][2] >= memory
                          && rows[i][3] >= disk
                          && (rows[i][4] & bits) != 0)
              .boxed()
              .toList();
      assertThat(index.first(cpu, memory, disk, bits, i -> i % 3 != odd))
          .as("seed %d step %d", seed, step)
          .isEqualTo(fitting.stream().min(order).orElse(-1));
      assertThat(index.last(cpu, memory, disk, bits, i -> i % 3 != odd))
          .as("seed %d step %d", seed, step)
          .isEqualTo(fitting.stream().max(order).orElse(-1));
    }
  }
}
