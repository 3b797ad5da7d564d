package io.atoll.vpn.gateway.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.gateway.tcp.TwoEnds.End;
import io.atoll.vpn.gateway.tcp.TwoEnds.Faults;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Two machines with a network between them that loses, doubles, delays and reorders.
class TcpSimulationTest {
  private static final long MILLI = TwoEnds.MILLI;
  private static final long SECOND = TwoEnds.SECOND;

  private static TcpSettings settings(Random random) {
    int capacity = 1 << 12 + random.nextInt(7);
    return TcpSettings.usual(600 + random.nextInt(900), 536)
        .withRing(capacity, capacity << random.nextInt(4))
        .withOptions(random.nextInt(3) > 0, random.nextBoolean())
        .withTimes(300 * SECOND, random.nextInt(4) == 0 ? 20 * SECOND : 0, 60 * SECOND);
  }

  @Test
  void everyByteArrivesInOrderAndBothEndsClose() {
    Fuzz.rounds("tcp", 400, TcpSimulationTest::round);
  }

  private static void round(Random random) {
    TwoEnds ends = new TwoEnds(random, settings(random), settings(random));
    ends.faults =
        new Faults(
            random.nextInt(4) == 0 ? 0 : random.nextInt(80),
            random.nextInt(50),
            random.nextInt(300),
            random.nextInt(50) * MILLI + 1,
            random.nextInt(100) * MILLI + 1);
    if (random.nextInt(4) == 0) {
      ends.client.mtu = 620 + random.nextInt(800);
    }
    ends.client.tell(new TcpEvent.Open());
    ends.runUntil(() -> ends.client.established && ends.server.established, 600 * SECOND);
    long most = 1L << 8 + random.nextInt(11);
    int turns = 1 + random.nextInt(8);
    for (int i = 0; i < turns; i++) {
      End writer = random.nextBoolean() ? ends.client : ends.server;
      writer.write(1 + random.nextInt((int) most));
      End reader = random.nextBoolean() ? ends.client : ends.server;
      reader.reading = random.nextInt(4) > 0;
      ends.runUntil(() -> false, random.nextInt(3000) * MILLI);
    }
    ends.client.tell(new TcpEvent.Shutdown());
    ends.runUntil(() -> false, random.nextInt(3000) * MILLI);
    ends.client.reading = true;
    ends.server.reading = true;
    ends.client.consume();
    ends.server.consume();
    ends.server.tell(new TcpEvent.Shutdown());
    boolean over = ends.runUntil(ends::bothOver, 3600 * SECOND);
    assertThat(over)
        .as("%s and %s after an hour", ends.client.machine.state(), ends.server.machine.state())
        .isTrue();
    if (ends.client.over == TcpEnd.CLOSED && ends.server.over == TcpEnd.CLOSED) {
      assertThat(ends.server.consumed).isEqualTo(ends.client.written);
      assertThat(ends.client.consumed).isEqualTo(ends.server.written);
    }
    assertThat(ends.client.over).isEqualTo(TcpEnd.CLOSED);
    assertThat(ends.server.over).isEqualTo(TcpEnd.CLOSED);
  }

  @Test
  void onePercentOfLossLeavesMostOfTheRate() {
    double without = megabitsPerSecond(0, true);
    double with = megabitsPerSecond(10, true);
    double old = megabitsPerSecond(10, false);
    System.out.printf(
        "10 ms of way: %.0f Mbit/s, at 1 %% loss %.1f with SACK, %.1f without%n",
        without, with, old);
    // 1 MiB of window in 20 ms is 420 Mbit/s; Mathis et al. allow 1,448 B / 20 ms · 1.22 / √0.01.
    assertThat(without).isGreaterThan(300);
    assertThat(with).isGreaterThan(4);
    assertThat(old).isGreaterThan(2.5);
  }

  private static double megabitsPerSecond(int lost, boolean sack) {
    TcpSettings settings =
        TcpSettings.usual(1460, 536).withRing(1 << 20, 1 << 20).withOptions(sack, true);
    TwoEnds ends = new TwoEnds(new Random(7), settings);
    ends.connect();
    ends.faults = new Faults(lost, 0, 0, 10 * MILLI, 0);
    long bytes = lost == 0 ? 32 << 20 : 8 << 20;
    long begun = ends.now;
    ends.client.write(bytes);
    assertThat(ends.runUntil(() -> ends.server.consumed == bytes, 600 * SECOND)).isTrue();
    return bytes * 8e3 / (ends.now - begun);
  }

  @Test
  void aCutWireEndsBothWithACause() {
    TcpSettings settings =
        TcpSettings.usual(1460, 536).withTimes(100 * SECOND, 30 * SECOND, SECOND);
    TwoEnds ends = new TwoEnds(new Random(1), settings);
    ends.connect();
    ends.cut(true);
    ends.client.write(100_000);
    assertThat(ends.runUntil(ends::bothOver, 600 * SECOND)).isTrue();
    assertThat(ends.client.over).isEqualTo(TcpEnd.TIMED_OUT);
    assertThat(ends.server.over).isEqualTo(TcpEnd.TIMED_OUT); // By its keep-alives.
  }

  @Test
  void aPauseOfTheWireIsSurvived() {
    TwoEnds ends = new TwoEnds(new Random(1), TcpSettings.usual(1460, 536));
    ends.connect();
    ends.client.write(40_000_000);
    ends.runUntil(() -> false, SECOND);
    ends.cut(true);
    ends.runUntil(() -> false, 50 * SECOND);
    ends.cut(false);
    assertThat(ends.runUntil(() -> ends.server.consumed == 40_000_000, 300 * SECOND)).isTrue();
  }
}
