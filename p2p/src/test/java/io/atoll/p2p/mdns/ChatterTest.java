package io.atoll.p2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.mdns.Link.Subnet;
import io.atoll.p2p.mdns.Reports.Verdict;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// How much is said, and how much is believed, in virtual time.
class ChatterTest {
  private static final long MILLI = 1_000_000;
  private static final long START = Long.MAX_VALUE - 5_000 * MILLI; // the clock may wrap

  private static Schedule schedule(boolean announces) {
    return new Schedule(
        Duration.ofSeconds(1), Duration.ofMinutes(1), announces, START, new Random(1));
  }

  @Test
  void questionsGrowSeldomAndAnswersAreOneInASecond() {
    Schedule schedule = schedule(true);
    int asked = 0;
    int answered = 0;
    long last = Long.MIN_VALUE;
    for (long t = 0; t < 600_000; t += 5) {
      long now = START + t * MILLI;
      schedule.asked(now); // somebody asks all the time
      asked += schedule.ask(now) ? 1 : 0;
      if (schedule.answer(now)) {
        answered++;
        assertThat(t - last >= 1000 || last == Long.MIN_VALUE).isTrue();
        last = t;
      }
    }
    // 0, 1, 3, 7, 15, 31, 63 s and then once in a minute.
    assertThat(asked).isBetween(14, 18);
    assertThat(answered).isBetween(500, 600);
  }

  @Test
  void whoeverAsksAfterAnAnswerGetsOneAndNobodyElseWakesUp() {
    Schedule schedule = schedule(true);
    assertThat(schedule.idleNanos(START)).isZero();
    assertThat(schedule.ask(START)).isTrue();
    assertThat(schedule.answer(START)).isTrue();
    assertThat(schedule.answer(START + 2_000 * MILLI)).isFalse();
    schedule.asked(START + 10 * MILLI);
    assertThat(schedule.answer(START + 999 * MILLI)).isFalse();
    assertThat(schedule.answer(START + 1000 * MILLI)).isTrue();
    assertThat(schedule.idleNanos(START + 10 * MILLI)).isBetween(800 * MILLI, 1100 * MILLI);
    schedule.asked(START + 5_000 * MILLI);
    assertThat(schedule.answer(START + 5_019 * MILLI)).isFalse();
    assertThat(schedule.answer(START + 5_120 * MILLI)).isTrue();
  }

  @Test
  void whoeverIsSilentOnlyAsks() {
    Schedule schedule = schedule(false);
    assertThat(schedule.answer(START + 1)).isFalse();
    assertThat(schedule.ask(START + 1)).isTrue();
  }

  @Test
  void whatIsKnownIsNotToldAgainForAMinute() throws Exception {
    Reports reports = new Reports(100, 10, START);
    InetAddress from = InetAddress.getByName("10.0.0.7");
    FoundPeer peer = found("/ip4/10.0.0.7/tcp/1", Identity.generate().id());
    assertThat(reports.judge(peer, from, START)).isEqualTo(Verdict.TELL);
    assertThat(reports.judge(peer, from, START + 59_000 * MILLI)).isEqualTo(Verdict.KNOWN);
    FoundPeer moved = found("/ip4/10.0.0.8/tcp/1", peer.peer());
    assertThat(reports.judge(moved, from, START + 59_000 * MILLI)).isEqualTo(Verdict.TELL);
    assertThat(reports.judge(moved, from, START + 119_000 * MILLI)).isEqualTo(Verdict.TELL);
  }

  @Test
  void inventedPeersAreBoundedAndOthersStillFound() throws Exception {
    Reports reports = new Reports(100, 10, START);
    InetAddress liar = InetAddress.getByName("10.0.0.66");
    int told = 0;
    for (int i = 0; i < 1000; i++) {
      FoundPeer invented = found("/ip4/10.0.0.7/tcp/1", Identity.generate().id());
      told += reports.judge(invented, liar, START + i) == Verdict.TELL ? 1 : 0;
    }
    assertThat(told).isEqualTo(10);
    FoundPeer honest = found("/ip4/10.0.0.7/tcp/1", Identity.generate().id());
    InetAddress other = InetAddress.getByName("10.0.0.7");
    assertThat(reports.judge(honest, other, START + 2000)).isEqualTo(Verdict.TELL);
    for (int i = 0; i < 1000; i++) {
      FoundPeer invented = found("/ip4/10.0.0.7/tcp/1", Identity.generate().id());
      InetAddress pretended = InetAddress.getByName("10.0." + i / 250 + "." + (i % 250 + 1));
      told += reports.judge(invented, pretended, START + 3000) == Verdict.TELL ? 1 : 0;
    }
    assertThat(told).isLessThanOrEqualTo(100);
    assertThat(reports.judge(honest, other, START + 61_000 * MILLI)).isEqualTo(Verdict.TELL);
  }

  @Test
  void aSubnetIsWhatItsPrefixSays() throws Exception {
    Subnet subnet = new Subnet((Inet4Address) InetAddress.getByName("192.168.1.7"), 23);
    assertThat(subnet.contains(InetAddress.getByName("192.168.0.200"))).isTrue();
    assertThat(subnet.contains(InetAddress.getByName("192.168.2.7"))).isFalse();
    assertThat(subnet.contains(InetAddress.getByName("fe80::1"))).isFalse();
    Subnet one = new Subnet((Inet4Address) InetAddress.getByName("192.168.1.7"), 32);
    assertThat(one.contains(InetAddress.getByName("192.168.1.7"))).isTrue();
    assertThat(one.contains(InetAddress.getByName("192.168.1.6"))).isFalse();
  }

  private static FoundPeer found(String address, PeerId peer) {
    return new FoundPeer(peer, List.of(Multiaddr.parse(address)));
  }
}
