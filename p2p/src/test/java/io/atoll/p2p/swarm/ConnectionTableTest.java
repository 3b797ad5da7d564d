package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.swarm.ConnectionTable.Fate;
import io.atoll.p2p.transport.Role;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
  private static final long LATER = Duration.ofMinutes(1).toNanos();
  private final List<PeerId> ids =
      Stream.generate(() -> Identity.generate().id()).limit(2).sorted().toList();
  private final PeerId smaller = ids.get(0);
  private final PeerId larger = ids.get(1);

  @Test
  void whoDialsAgainHasLostTheOldOne() {
    for (Role role : Role.values()) {
      var table = new ConnectionTable(smaller);
      var old = new FakeConnection(larger, role, 0);
      var fresh = new FakeConnection(larger, role, 0);
      assertThat(table.add(old, 0)).isNull();
      assertThat(table.add(fresh, 1)).isEqualTo(new ConnectionTable.Loser(old, Fate.CLOSE));
      assertThat(table.get(larger)).isSameAs(fresh);
    }
  }

  @Test
  void dialledByBothAtOnceBothEndsKeepTheSame() {
    // Two connections: one that the smaller dialled, one that the larger dialled; each end may see
    // them in either order.
    for (boolean swap : new boolean[] {false, true}) {
      var atSmaller = new ConnectionTable(smaller);
      var bySmaller = new FakeConnection(larger, Role.INITIATOR, 0);
      var byLarger = new FakeConnection(larger, Role.RESPONDER, 0);
      atSmaller.add(swap ? byLarger : bySmaller, 0);
      assertThat(atSmaller.add(swap ? bySmaller : byLarger, 1))
          .isEqualTo(new ConnectionTable.Loser(byLarger, Fate.RETIRE));
      assertThat(atSmaller.get(larger)).isSameAs(bySmaller);

      var atLarger = new ConnectionTable(larger);
      var bySmallerThere = new FakeConnection(smaller, Role.RESPONDER, 0);
      var byLargerThere = new FakeConnection(smaller, Role.INITIATOR, 0);
      atLarger.add(swap ? byLargerThere : bySmallerThere, 0);
      assertThat(atLarger.add(swap ? bySmallerThere : byLargerThere, 1))
          .isEqualTo(new ConnectionTable.Loser(byLargerThere, Fate.RETIRE));
      assertThat(atLarger.get(smaller)).isSameAs(bySmallerThere);
    }
  }

  @Test
  void muchLaterTheNewerOneStays() {
    var table = new ConnectionTable(smaller);
    var old = new FakeConnection(larger, Role.INITIATOR, 0);
    var fresh = new FakeConnection(larger, Role.RESPONDER, 0);
    table.add(old, 0);
    assertThat(table.add(fresh, LATER)).isEqualTo(new ConnectionTable.Loser(old, Fate.RETIRE));
    assertThat(table.get(larger)).isSameAs(fresh);
  }

  @Test
  void aDeadOneGivesWayAndItsLateEndRemovesNothing() {
    var table = new ConnectionTable(smaller);
    var old = new FakeConnection(larger, Role.INITIATOR, 0);
    var fresh = new FakeConnection(larger, Role.RESPONDER, 0);
    table.add(old, 0);
    old.close();
    assertThat(table.get(larger)).isNull();
    assertThat(table.add(fresh, 1)).isNull();
    table.remove(old);
    assertThat(table.get(larger)).isSameAs(fresh);
    table.remove(fresh);
    assertThat(table.get(larger)).isNull();
  }
}
