package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Query;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A hub that meets runs it does not know, and a hub whose store is a backup.
class AdoptionTest {
  private final HubFixture hub = new HubFixture();

  private static Order order(TaskId id, Epoch epoch, TaskSpec spec) {
    return new Order(
        new RunId(id, epoch),
        spec.workload(),
        Desired.RUN,
        5,
        0,
        0,
        new Authority("k7", List.of("grant")),
        Json.write(spec));
  }

  private RunReport running(Order order) {
    return hub.withOrder(hub.told(order.run(), 3, RunState.RUNNING), order);
  }

  @Test
  void anAdoptedTaskIsNoYoungerThanItsRun() {
    HubFixture.Node a = hub.node("a").join();
    Order order = order(hub.nextId(), new Epoch(1, 0), HubFixture.spec(HubFixture.SMALL));
    Instant began = hub.wall.minusSeconds(600);
    RunReport told =
        new RunReport(
            order.run(), 3, RunState.RUNNING, "", hub.wall, began, null, List.of(), order);
    a.hello(told);
    assertThat(hub.row(order.run().task()).createdAt()).isEqualTo(began);
    assertThat(hub.row(order.run().task()).startedAt()).isEqualTo(began);
    assertThat(hub.run(order.run().task()).placedAt()).isEqualTo(began);
  }

  @Test
  void anUnknownRunIsAdoptedAndGoesOn() {
    HubFixture.Node a = hub.node("a").join();
    TaskSpec spec = HubFixture.spec("web", HubFixture.SMALL, Policy.ALWAYS, OnDisconnect.KEEP);
    Order order = order(hub.nextId(), new Epoch(1, 0), spec);
    a.hello(running(order));

    TaskId id = order.run().task();
    assertThat(a.wanted).containsOnlyKeys(order.run());
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
    assertThat(hub.row(id).authority()).isEqualTo(order.authority());
    assertThat(hub.machine.find("web")).contains(id);
    // Else a provider could bring work to others by telling of it.
    assertThat(hub.row(id).spec().node()).isEqualTo(a.id.text());
    assertThat(hub.isAcked(order.run(), 3)).isTrue();
  }

  @Test
  void nonsenseAboutTheTaskDoesNotEndTheRun() {
    HubFixture.Node a = hub.node("a").join();
    Order order = order(hub.nextId(), new Epoch(1, 0), HubFixture.spec(HubFixture.SMALL));
    Order odd =
        new Order(
            order.run(), order.workload(), Desired.RUN, 5, 0, 0, order.authority(), "not json");
    a.hello(running(odd));
    assertThat(a.wanted).containsOnlyKeys(order.run());
  }

  @Test
  void aRunOfAnEndedOrDeletedTaskIsNotAdopted() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, HubFixture.spec(HubFixture.SMALL));
    Order order = a.only();
    a.report(hub.exited(order.run(), 4, Exit.of(0)));
    a.hello(running(order));
    assertThat(a.wanted).isEmpty();
    assertThat(hub.row(id).state()).isEqualTo(TaskState.SUCCEEDED);

    hub.step(new HubEvent.DeleteTask(9, id, hub.row(id), hub.store.read(new Query.RunsOf(id))));
    a.hello(running(order));
    assertThat(a.wanted).isEmpty();
    assertThat(hub.machine.isLive(id)).isFalse();
  }

  @Test
  void aRunThatItsNodeNoLongerKnowsIsLostOnceItSaidSo() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, HubFixture.spec(HubFixture.SMALL));
    a.hello();
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
    assertThat(a.wanted).isEmpty();
    assertThat(a.last(ToProvider.Ask.class).tasks()).containsExactly(id);
    a.known(List.of(id));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.FAILED);
    assertThat(hub.row(id).exit().cause()).isEqualTo(Exit.Cause.LOST);
  }

  @Test
  void anOldHelloDoesNotMakeARunLost() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, HubFixture.spec(HubFixture.SMALL));
    Order order = a.only();
    a.hello();
    a.cut();
    a.hello(running(order));
    assertThat(a.wanted).containsOnlyKeys(order.run());
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void aRunThatNeverReachedItsNodeIsOrderedAgain() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.submit();
    RunId run = a.only().run();
    a.hello();
    assertThat(a.wanted).containsOnlyKeys(run);
    assertThat(hub.row(id).state()).isEqualTo(TaskState.STARTING);
  }

  @Test
  void tasksOfABackupWaitForEveryNodeAndTheNewestRunIsTheTrueOne() {
    HubFixture.Node a = hub.online("a");
    HubFixture.Node b = hub.online("b");
    hub.step(new HubEvent.Disconnected(a.id, a.session));
    hub.step(new HubEvent.Disconnected(b.id, b.session));
    TaskId queued = hub.submit();
    hub.setRestored();

    a.hello();
    assertThat(hub.row(queued).state()).isEqualTo(TaskState.QUEUED);
    assertThat(a.last(ToProvider.Ask.class).tasks()).containsExactly(queued);
    a.known(List.of(queued));
    assertThat(a.wanted).isEmpty();
    assertThat(hub.view(queued).waiting().summary()).contains("backup").endsWith(": b");
    assertThat(hub.machine.waitingFor()).containsExactly("b");
    // What came after the backup need not wait.
    TaskId fresh = hub.submit();
    assertThat(hub.row(fresh).state()).isEqualTo(TaskState.STARTING);

    Order later = order(queued, new Epoch(1, 99), HubFixture.spec(HubFixture.SMALL));
    b.hello(new Epoch(1, 99), running(later));
    b.known(List.of(queued), running(later));
    assertThat(b.wanted).containsOnlyKeys(later.run());
    assertThat(hub.row(queued).epoch()).isEqualTo(new Epoch(1, 99));
    assertThat(hub.row(queued).state()).isEqualTo(TaskState.RUNNING);
    assertThat(hub.store.read(new Query.Meta()).restored()).isFalse();
    assertThat(hub.store.read(new Query.Meta()).highest()).isEqualTo(new Epoch(2, 0));
    assertThat(hub.machine.waitingFor()).isEmpty();
  }

  @Test
  void anEndThatOnlyTheProviderKnowsCountsOnceAllHaveAnswered() {
    HubFixture.Node a = hub.online("a");
    HubFixture.Node b = hub.node("b").join();
    TaskId id = hub.running(a, HubFixture.spec(HubFixture.SMALL));
    Order order = a.only();
    hub.setRestored();
    RunReport end = hub.withOrder(hub.exited(order.run(), 4, Exit.of(7)), order);
    a.hello(order.run().epoch());
    a.known(List.of(id), end);
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
    assertThat(hub.isAcked(order.run(), 4)).isFalse();
    b.hello();
    b.known(List.of(id));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.FAILED);
    assertThat(hub.row(id).exit()).isEqualTo(Exit.of(7));
    assertThat(hub.isAcked(order.run(), 4)).isTrue();
  }

  @Test
  void removingTheSilentNodeLetsThemGo() {
    HubFixture.Node a = hub.online("a");
    HubFixture.Node b = hub.node("b").join();
    a.cut();
    TaskId id = hub.submit();
    hub.setRestored();
    a.hello();
    a.known(List.of(id));
    assertThat(a.wanted).isEmpty();
    hub.step(new HubEvent.NodeForgotten(1, b.id));
    assertThat(a.only().run().task()).isEqualTo(id);
  }

  @Test
  void aPlacementThatNobodyKnowsOfGetsANewEpoch() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.submit();
    RunId placed = a.only().run();
    hub.setRestored();
    a.hello();
    a.known(List.of(id));
    assertThat(a.only().run().task()).isEqualTo(id);
    assertThat(a.only().run().epoch()).isGreaterThan(placed.epoch());
    assertThat(hub.row(id).attempts().launchFailed()).isZero();
  }

  @Test
  void aStoreThatWentBackInTimeIsNoticed() {
    HubFixture.Node a = hub.node("a").join();
    HubFixture.Node b = hub.node("b").join();
    TaskId queued = hub.submit();
    a.hello(new Epoch(3, 50));
    assertThat(hub.store.read(new Query.Meta()).highest()).isEqualTo(new Epoch(4, 0));
    assertThat(hub.store.read(new Query.Meta()).restored()).isTrue();
    assertThat(a.wanted).isEmpty();
    a.known(List.of(queued));
    b.hello();
    b.known(List.of(queued));
    hub.pass(Duration.ofSeconds(1), a, b);
    assertThat(hub.row(queued).epoch()).isEqualTo(new Epoch(4, 1));
  }

  @Test
  void anAbsurdEpochIsDisbelieved() {
    HubFixture.Node a = hub.node("a").join();
    a.hello(new Epoch(Integer.MAX_VALUE, 1));
    assertThat(a.last(ToProvider.Refused.class).code()).isEqualTo("CONFLICT");
    assertThat(hub.store.read(new Query.Meta()).highest()).isEqualTo(new Epoch(1, 0));
  }
}
