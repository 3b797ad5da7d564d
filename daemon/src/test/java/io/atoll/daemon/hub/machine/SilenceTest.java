package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Silence is not death. The lease is 10 s, the margin 5 s.
class SilenceTest {
  private final HubFixture hub = new HubFixture();

  private static TaskSpec spec(Policy policy, OnDisconnect onDisconnect) {
    return HubFixture.spec(null, HubFixture.SMALL, policy, onDisconnect);
  }

  private String state(HubFixture.Node node) {
    return hub.machine.nodes().stream()
        .filter(view -> view.id().equals(node.id))
        .findFirst()
        .orElseThrow()
        .state();
  }

  @Test
  void suspectThenLostThenGivenUp() {
    HubFixture.Node a = hub.online("a");
    hub.pass(Duration.ofSeconds(20), a);
    TaskId keep = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.KEEP));
    TaskId stop = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.STOP));
    TaskId replace = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    TaskId never = hub.running(a, spec(Policy.NEVER, OnDisconnect.REPLACE));

    hub.pass(Duration.ofMillis(2500));
    assertThat(state(a)).isEqualTo("ONLINE");
    hub.pass(Duration.ofSeconds(1));
    assertThat(state(a)).isEqualTo("SUSPECT");
    hub.pass(Duration.ofSeconds(6));
    assertThat(state(a)).isEqualTo("SUSPECT");
    hub.pass(Duration.ofSeconds(1));
    assertThat(state(a)).isEqualTo("LOST");
    hub.pass(Duration.ofSeconds(4));
    for (TaskId id : List.of(keep, stop, replace, never)) {
      assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
    }
    hub.pass(Duration.ofSeconds(1));

    assertThat(hub.row(keep).state()).isEqualTo(TaskState.RUNNING);
    assertThat(hub.row(stop).state()).isEqualTo(TaskState.FAILED);
    assertThat(hub.row(never).state()).isEqualTo(TaskState.FAILED);
    assertThat(hub.row(never).detail()).contains("a was silent for 15 s");
    assertThat(hub.row(replace).state()).isEqualTo(TaskState.QUEUED);
    assertThat(hub.row(replace).attempts().nodeLost()).isEqualTo(1);
  }

  @Test
  void nothingNewIsPlacedOnASilentNode() {
    HubFixture.Node a = hub.online("a");
    hub.pass(Duration.ofSeconds(11), a);
    hub.pass(Duration.ofSeconds(4));
    TaskId id = hub.submit();
    assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
    assertThat(hub.view(id).waiting().summary()).contains("silent for a moment");
    a.beat();
    assertThat(a.only().run().task()).isEqualTo(id);
  }

  @Test
  void aBrokenConnectionIsSeenAtOnce() {
    HubFixture.Node a = hub.online("a");
    a.cut();
    assertThat(state(a)).isEqualTo("SUSPECT");
    TaskId id = hub.submit();
    a.hello();
    assertThat(a.only().run().task()).isEqualTo(id);
  }

  @Test
  void replacedElsewhereAndTheOldRunIsNotWantedAnyMore() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    Order old = a.only();
    HubFixture.Node b = hub.online("b");
    hub.pass(Duration.ofSeconds(30), b);
    assertThat(b.only().run().task()).isEqualTo(id);
    assertThat(b.only().run().epoch()).isGreaterThan(old.run().epoch());

    a.hello(hub.withOrder(hub.told(old.run(), 3, RunState.RUNNING), old));
    assertThat(a.wanted).isEmpty();
    assertThat(hub.row(id).epoch()).isEqualTo(b.only().run().epoch());
    assertThat(hub.machine.nodes().getFirst().free().cpuMillis()).isEqualTo(3000);
    a.report(hub.exited(old.run(), 4, new Exit(Exit.Cause.STOPPED, 143, "")));
    assertThat(hub.machine.nodes().getFirst().free()).isEqualTo(HubFixture.NODE);
  }

  @Test
  void aReturningNodeKeepsItsRunIfNoOtherWasPlaced() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    Order old = a.only();
    hub.pass(Duration.ofSeconds(30));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);

    hub.restart();
    a.hello(hub.withOrder(hub.told(old.run(), 3, RunState.RUNNING), old));
    assertThat(a.wanted).containsOnlyKeys(old.run());
    a.report(hub.exited(old.run(), 4, Exit.of(0)));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(hub.row(id).attempts().nodeLost()).isZero();
  }

  @Test
  void anEndDuringSilenceCounts() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    RunId run = a.only().run();
    hub.pass(Duration.ofSeconds(30));
    a.hello(hub.exited(run, 4, Exit.of(0)));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(a.wanted).isEmpty();
  }

  @Test
  void afterARestartNobodyIsJudgedForOneLease() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    hub.pass(Duration.ofSeconds(2), a);
    hub.restart();
    hub.pass(Duration.ofMillis(9900));
    assertThat(state(a)).isEqualTo("NEW");
    hub.pass(Duration.ofMillis(4900));
    assertThat(state(a)).isEqualTo("LOST");
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
    hub.pass(Duration.ofSeconds(1));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
  }

  @Test
  void aHubThatStoodStillBlamesItself() {
    HubFixture.Node a = hub.online("a");
    TaskId id = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    hub.pass(Duration.ofSeconds(12), a);
    hub.nanos += Duration.ofSeconds(60).toNanos();
    hub.pass(Duration.ofSeconds(9));
    assertThat(state(a)).isEqualTo("ONLINE");
    a.beat();
    hub.pass(Duration.ofSeconds(5), a);
    assertThat(state(a)).isEqualTo("ONLINE");
    assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void theWallClockIsNotAsked() {
    HubFixture.Node a = hub.online("a");
    hub.pass(Duration.ofSeconds(12), a);
    hub.wall = hub.wall.plus(Duration.ofDays(1));
    hub.pass(Duration.ofSeconds(1));
    assertThat(state(a)).isEqualTo("ONLINE");
  }

  @Test
  void manySilentNodesAtOnceAreTheNetworksFault() {
    List<HubFixture.Node> nodes = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      nodes.add(hub.online(name));
    }
    hub.pass(Duration.ofSeconds(12), nodes.toArray(HubFixture.Node[]::new));
    TaskId id = hub.submit(spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    HubFixture.Node with =
        nodes.stream().filter(node -> !node.wanted.isEmpty()).findFirst().orElseThrow();
    RunId held = with.only().run();
    List<HubFixture.Node> others = new ArrayList<>(nodes);
    others.remove(with);
    HubFixture.Node alsoGone = others.removeFirst();
    HubFixture.Node[] there = others.toArray(HubFixture.Node[]::new);

    hub.pass(Duration.ofSeconds(60), there);
    assertThat(state(with)).isEqualTo("LOST");
    assertThat(hub.row(id).state()).isEqualTo(TaskState.STARTING);

    // The other one is back: one of six is no sign of a broken network.
    alsoGone.hello();
    hub.pass(Duration.ofSeconds(1), there);
    assertThat(hub.row(id).epoch()).isEqualTo(held.epoch());
    assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
  }

  @Test
  void theBrakeDoesNotHoldForEver() {
    List<HubFixture.Node> nodes = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      nodes.add(hub.online(name));
    }
    hub.pass(Duration.ofSeconds(12), nodes.toArray(HubFixture.Node[]::new));
    TaskId id = hub.submit(spec(Policy.ON_FAILURE, OnDisconnect.REPLACE));
    hub.pass(Duration.ofSeconds(250));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.STARTING);
    hub.pass(Duration.ofSeconds(70));
    assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
  }

  @Test
  void aRemovedNodesRunsAreGivenUpAtOnce() {
    HubFixture.Node a = hub.online("a");
    TaskId never = hub.running(a, spec(Policy.NEVER, OnDisconnect.KEEP));
    TaskId again = hub.running(a, spec(Policy.ON_FAILURE, OnDisconnect.KEEP));
    hub.step(new HubEvent.NodeForgotten(3, a.id));
    assertThat(hub.row(never).state()).isEqualTo(TaskState.FAILED);
    assertThat(hub.row(again).state()).isEqualTo(TaskState.QUEUED);
    assertThat(hub.machine.nodes()).isEmpty();
    a.hello();
    assertThat(hub.last.actions().getFirst().toString()).contains("Refused").contains("DENIED");
  }
}
