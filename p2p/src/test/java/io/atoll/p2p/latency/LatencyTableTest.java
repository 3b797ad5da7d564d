package io.atoll.p2p.latency;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.latency.LatencyTable.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LatencyTableTest {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final List<Identity> NODES =
      Stream.generate(Identity::generate).limit(12).toList();
  private static final Identity SELF = NODES.get(0);
  private static final Identity A = NODES.get(1);
  private static final Identity B = NODES.get(2);
  private static final Identity C = NODES.get(3);

  private final LatencyTable table =
      new LatencyTable(
          SELF.id(), new LatencyBounds(4, 3, Duration.ofMinutes(10), Duration.ofMinutes(1)));

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  private static LatencyReport said(Identity author, Instant at, Object... roundTrips) {
    Map<PeerId, Duration> map = new HashMap<>();
    for (int i = 0; i < roundTrips.length; i += 2) {
      map.put(((Identity) roundTrips[i]).id(), ms((int) roundTrips[i + 1]));
    }
    return LatencyReport.sign(author, at, map);
  }

  @Test
  void oneBadPingMovesLittle() {
    table.measured(A.id(), ms(10), NOW);
    table.measured(A.id(), ms(90), NOW.plusSeconds(1));
    assertThat(table.between(SELF.id(), A.id(), NOW.plusSeconds(1)))
        .contains(new Latency(ms(20), true));
    assertThat(table.between(A.id(), SELF.id(), NOW.plusSeconds(1)))
        .contains(new Latency(ms(20), true));
    for (int i = 0; i < 60; i++) {
      table.measured(A.id(), ms(90), NOW.plusSeconds(2 + i));
    }
    assertThat(table.between(SELF.id(), A.id(), NOW.plusSeconds(70)).orElseThrow().roundTrip())
        .isBetween(ms(89), ms(90));
  }

  @Test
  void ofTwoWordsTheLongerCounts() {
    assertThat(table.between(A.id(), B.id(), NOW)).isEmpty();
    assertThat(table.learn(said(A, NOW, B, 1), NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(table.between(A.id(), B.id(), NOW)).contains(new Latency(ms(1), false));
    assertThat(table.learn(said(B, NOW, A, 80, C, 5), NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(table.between(A.id(), B.id(), NOW)).contains(new Latency(ms(80), true));
    assertThat(table.between(B.id(), A.id(), NOW)).contains(new Latency(ms(80), true));
    assertThat(table.between(C.id(), B.id(), NOW)).contains(new Latency(ms(5), false));
    assertThat(table.between(A.id(), C.id(), NOW)).isEmpty();
    assertThat(table.between(A.id(), A.id(), NOW)).contains(new Latency(Duration.ZERO, true));
  }

  @Test
  void ownMeasurementsCountMoreThanWords() {
    table.learn(said(A, NOW, SELF, 1), NOW);
    assertThat(table.between(SELF.id(), A.id(), NOW)).contains(new Latency(ms(1), false));
    table.measured(A.id(), ms(50), NOW);
    assertThat(table.between(SELF.id(), A.id(), NOW)).contains(new Latency(ms(50), true));
    assertThat(table.learn(said(SELF, NOW, A, 1), NOW)).isEqualTo(Verdict.OWN);
  }

  @Test
  void whatIsOldOrFromTheFutureDoesNotCount() {
    assertThat(table.learn(said(A, NOW.minusSeconds(601), B, 1), NOW)).isEqualTo(Verdict.EXPIRED);
    assertThat(table.learn(said(A, NOW.plusSeconds(61), B, 1), NOW)).isEqualTo(Verdict.FUTURE);
    assertThat(table.learn(said(A, NOW, B, 1), NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(table.learn(said(A, NOW, B, 9), NOW)).isEqualTo(Verdict.OLDER);
    assertThat(table.learn(said(A, NOW.minusSeconds(1), B, 9), NOW)).isEqualTo(Verdict.OLDER);
    // A newer report takes the place of all of the older one.
    assertThat(table.learn(said(A, NOW.plusSeconds(1), C, 2), NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(table.between(A.id(), B.id(), NOW)).isEmpty();
    table.measured(B.id(), ms(3), NOW);
    Instant later = NOW.plusSeconds(602);
    assertThat(table.between(A.id(), C.id(), later)).isEmpty();
    assertThat(table.between(SELF.id(), B.id(), later)).isEmpty();
    assertThat(table.own(later)).isEmpty();
    table.expire(later);
    assertThat(table.size()).isEqualTo(new LatencyTable.Size(0, 0));
    // After so long, an old sample says nothing of a new one.
    table.measured(B.id(), ms(100), later);
    assertThat(table.own(later)).containsEntry(B.id(), ms(100));
  }

  @Test
  void strangersDoNotDriveOutThoseThatAreKnown() {
    table.measured(A.id(), ms(1), NOW);
    table.learn(said(A, NOW, B, 1), NOW);
    for (Identity stranger : NODES.subList(4, 12)) {
      assertThat(table.learn(said(stranger, NOW, B, 1), NOW)).isEqualTo(Verdict.TAKEN);
    }
    assertThat(table.size()).isEqualTo(new LatencyTable.Size(1, 3));
    assertThat(table.between(A.id(), B.id(), NOW)).isPresent();
    table.measured(B.id(), ms(1), NOW);
    table.measured(C.id(), ms(1), NOW);
    table.learn(said(B, NOW, C, 1), NOW);
    table.learn(said(C, NOW, B, 1), NOW);
    assertThat(table.learn(said(NODES.get(5), NOW, B, 1), NOW)).isEqualTo(Verdict.NO_ROOM);
    // Among the known the oldest goes.
    table.measured(NODES.get(6).id(), ms(1), NOW);
    assertThat(table.learn(said(NODES.get(6), NOW, B, 1), NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(table.size().reports()).isEqualTo(3);
    assertThat(table.between(A.id(), B.id(), NOW)).isEmpty();
  }

  @Test
  void theOldestMeasurementGoesFirst() {
    for (int i = 1; i <= 4; i++) {
      table.measured(NODES.get(i).id(), ms(i), NOW.plusSeconds(i));
    }
    table.measured(A.id(), ms(1), NOW.plusSeconds(5));
    table.measured(NODES.get(5).id(), ms(5), NOW.plusSeconds(6));
    assertThat(table.own(NOW.plusSeconds(6))).hasSize(4).containsKey(A.id());
    assertThat(table.own(NOW.plusSeconds(6))).doesNotContainKey(B.id());
    table.measured(SELF.id(), ms(1), NOW);
    table.measured(B.id(), Duration.ZERO, NOW);
    assertThat(table.size().own()).isEqualTo(4);
  }

  @Test
  void whatThisNodeTellsIsWhatItMeasured() throws Exception {
    table.measured(A.id(), ms(7), NOW);
    table.measured(B.id(), ms(3), NOW.minusSeconds(700));
    LatencyReport report = LatencyReport.open(table.report(SELF, NOW).encode());
    assertThat(report.roundTrips()).containsExactly(Map.entry(A.id(), ms(7)));
    LatencyTable other = new LatencyTable(C.id(), LatencyBounds.defaults());
    assertThat(other.learn(report, NOW)).isEqualTo(Verdict.TAKEN);
    assertThat(other.between(A.id(), SELF.id(), NOW)).contains(new Latency(ms(7), false));
  }
}
