package io.atoll.vpn.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `-Datoll.sim.seeds=N` whole days, from seed `-Datoll.sim.seed=S` on; by default half an hour of
/// one, with a seed that is new each time and printed.
class NetworkDayTest {
  private static final long FIRST = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffff);
  private static final int DAYS = Integer.getInteger("atoll.sim.seeds", 0);
  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);

  @Test
  void everyConnectionLivesThroughTheDay() {
    Duration length = DAYS > 0 ? Duration.ofDays(1) : HALF_AN_HOUR;
    for (int i = 0; i < Math.max(1, DAYS); i++) {
      System.out.println("network day: " + length.toMinutes() + " min from seed " + (FIRST + i));
      NetworkDay.Result result = NetworkDay.run(FIRST + i, length, Set.of());
      System.out.println("network day: " + result);
      // Each of the pairs has a new session every two minutes, counted on both ends.
      assertThat(result.sessions()).isGreaterThan(length.toMinutes() / 2 * 6);
      assertThat(result.bytes()).isGreaterThan(length.toMinutes() * 1000);
      assertThat(result.lost()).isPositive();
      if (DAYS > 0) {
        assertThat(result.moves()).isGreaterThan(50);
        assertThat(result.restarts()).isGreaterThan(20);
        assertThat(result.outages()).isGreaterThan(20);
        assertThat(result.newKeys()).isGreaterThan(10);
        assertThat(result.jumps()).isGreaterThan(10);
      }
    }
  }

  @Test
  void theSameSeedIsTheSameDay() {
    Duration length = Duration.ofMinutes(5);
    NetworkDay.Result once = NetworkDay.run(FIRST, length, Set.of());
    assertThat(NetworkDay.run(FIRST, length, Set.of())).isEqualTo(once);
    assertThat(NetworkDay.run(FIRST + 1, length, Set.of())).isNotEqualTo(once);
  }

  @ParameterizedTest
  @EnumSource
  void plantedBugsAreFound(NetworkDay.Bug bug) {
    for (long seed = FIRST; seed < FIRST + 20; seed++) {
      try {
        NetworkDay.run(seed, HALF_AN_HOUR.multipliedBy(2), EnumSet.of(bug));
      } catch (NetworkDay.Broken found) {
        System.out.println(
            "network day: " + bug + " found at seed " + seed + ": " + found.getMessage());
        return;
      }
    }
    throw new AssertionError(bug + " was not found in 20 seeds from " + FIRST);
  }
}
