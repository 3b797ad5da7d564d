package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.p2p.swarm.Trimming.Candidate;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrimmingTest {
  private static final Watermarks MARKS =
      new Watermarks(2, 4, Duration.ofSeconds(20), Duration.ZERO);
  private static final long OLD = Duration.ofMinutes(1).toNanos();

  private static Connection fake(Role role, int streams) {
    return new FakeConnection(Identity.generate().id(), role, streams);
  }

  @Test
  void nothingGoesUpToTheHighMark() {
    List<Candidate> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(new Candidate(fake(Role.RESPONDER, 0), OLD, false, 0));
    }
    assertThat(Trimming.least(all, MARKS)).isEmpty();
    all.add(new Candidate(fake(Role.RESPONDER, 0), OLD, false, 0));
    assertThat(Trimming.least(all, MARKS)).hasSize(3);
  }

  @Test
  void theYoungAndTheProtectedStay() {
    List<Candidate> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(new Candidate(fake(Role.RESPONDER, 0), i < 3 ? OLD : OLD / 10, i == 0, 0));
    }
    assertThat(Trimming.least(all, MARKS))
        .containsExactlyInAnyOrder(all.get(1).connection(), all.get(2).connection());
  }

  @Test
  void whatIsWorthLeastGoesFirst() {
    Candidate idle = new Candidate(fake(Role.RESPONDER, 0), OLD, false, 0);
    Candidate older = new Candidate(fake(Role.RESPONDER, 0), OLD * 2, false, 0);
    Candidate ours = new Candidate(fake(Role.INITIATOR, 0), OLD, false, 0);
    Candidate busy = new Candidate(fake(Role.RESPONDER, 3), OLD, false, 0);
    Candidate worthy = new Candidate(fake(Role.RESPONDER, 0), OLD, false, 5);
    assertThat(
            Trimming.least(
                List.of(worthy, busy, ours, idle, older),
                new Watermarks(0, 4, Duration.ZERO, Duration.ZERO)))
        .containsExactly(
            older.connection(),
            idle.connection(),
            ours.connection(),
            busy.connection(),
            worthy.connection());
  }
}
