package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.vswitch.SwitchCounters.Lost;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `-Datoll.sim.seeds=N` worlds of a million packets each, from seed `-Datoll.sim.seed=S` on; by
/// default one of forty thousand, with a seed that is new each time and printed.
class IsolationTest {
  private static final long FIRST = Long.getLong("atoll.sim.seed", System.nanoTime() & 0xffffff);
  private static final int WORLDS = Integer.getInteger("atoll.sim.seeds", 0);
  private static final int MILLION = 1_000_000;
  private static final int SOME = 40_000;

  @Test
  void noPacketOfOneNetworkReachesTheOther() throws Exception {
    int packets = WORLDS > 0 ? MILLION : SOME;
    for (int i = 0; i < Math.max(1, WORLDS); i++) {
      System.out.println("isolation: " + packets + " packets from seed " + (FIRST + i));
      Isolation.Result result = Isolation.run(FIRST + i, packets, Set.of());
      System.out.println("isolation: 0 crossed, " + result);
      assertThat(result.delivered()).isGreaterThan(packets / 3);
      assertThat(result.refused()).isGreaterThan(packets / 100);
      assertThat(result.lost())
          .containsKeys(Lost.FORGED, Lost.NOBODY, Lost.OUTSIDE, Lost.MALFORMED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void plantedBugsAreFound(Isolation.Bug bug) throws Exception {
    try {
      Isolation.run(FIRST, SOME, EnumSet.of(bug));
    } catch (Isolation.Crossed found) {
      System.out.println("isolation: " + bug + " found: " + found.getMessage());
      return;
    }
    throw new AssertionError(bug + " was not found with seed " + FIRST);
  }
}
