package io.atoll.vpn.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BindScheduleTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;

  private final BindSchedule schedule = new BindSchedule();
  private long now;
  private int udp;
  private int stream;

  private void pass(long nanos, boolean udpAnswers, boolean streamAnswers) {
    for (long end = now + nanos; now < end; now += 50 * MILLI) {
      if (schedule.askUdp(now)) {
        udp++;
        if (udpAnswers) {
          schedule.udpAnswered();
        }
      }
      if (schedule.askStream(now)) {
        stream++;
        if (streamAnswers) {
          schedule.streamAnswered();
        }
      }
    }
  }

  @Test
  void udpIsKeptOpenAndTheStreamLeftAlone() {
    pass(60 * SECOND, true, true);
    assertThat(schedule.udp()).isTrue();
    assertThat(udp).isBetween(4, 6);
    assertThat(stream).isZero();
  }

  @Test
  void whereUdpIsNotAnsweredTheStreamServesUntilItIs() {
    pass(2 * SECOND, false, true);
    assertThat(schedule.bound()).isTrue();
    assertThat(schedule.udp()).isFalse();
    pass(120 * SECOND, false, true);
    assertThat(udp).as("it goes on trying").isBetween(8, 16);
    assertThat(stream).isBetween(3, 7);
    pass(35 * SECOND, true, true);
    assertThat(schedule.udp()).isTrue();
  }

  @Test
  void whatIsNotAnsweredAnyMoreIsGivenUp() {
    pass(SECOND, true, true);
    pass(20 * SECOND, false, false);
    assertThat(schedule.udp()).isFalse();
    assertThat(schedule.bound()).isFalse();
  }

  @Test
  void doubtIsNoFlood() {
    pass(SECOND, true, true);
    int before = udp;
    for (int i = 0; i < 100; i++) {
      schedule.hurry(now);
      pass(100 * MILLI, true, true);
    }
    assertThat(udp - before).isBetween(5, 11);
  }
}
