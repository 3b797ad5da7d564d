package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Precondition;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HubMachineTest {
  private final HubFixture hub = new HubFixture();

  @Nested
  class Placing {
    @Test
    void aTaskIsPlacedInTheStepThatSubmitsIt() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.submit();

      assertThat(hub.row(id).state()).isEqualTo(TaskState.STARTING);
      Order order = node.only();
      assertThat(order.run()).isEqualTo(new RunId(id, hub.row(id).epoch()));
      assertThat(order.desired()).isEqualTo(Desired.RUN);
      assertThat(order.authority().keyId()).isEqualTo("k1");
      assertThat(hub.run(id).node()).isEqualTo(node.id);
    }

    @Test
    void epochsGrowAndAreCommittedWithThePlacement() {
      hub.online("a");
      TaskId first = hub.submit();
      TaskId second = hub.submit();
      assertThat(hub.row(second).epoch()).isGreaterThan(hub.row(first).epoch());
      assertThat(hub.store.read(new Query.Meta()).highest()).isEqualTo(hub.row(second).epoch());
    }

    @Test
    void aFullNodeTakesNoMoreUntilOneEnds() {
      HubFixture.Node node = hub.online("a");
      for (int i = 0; i < 4; i++) {
        hub.submit();
      }
      TaskId fifth = hub.submit();
      assertThat(hub.row(fifth).state()).isEqualTo(TaskState.QUEUED);
      assertThat(hub.view(fifth).waiting()).isNotNull();

      RunId first = node.wanted.firstKey();
      node.report(hub.exited(first, 2, Exit.of(0)));

      assertThat(hub.row(first.task()).state()).isEqualTo(TaskState.SUCCEEDED);
      assertThat(hub.row(fifth).state()).isEqualTo(TaskState.STARTING);
      assertThat(node.wanted).doesNotContainKey(first).hasSize(4);
      assertThat(hub.isAcked(first, 2)).isTrue();
    }

    @Test
    void everyChangeRestsOnWhatTheTaskWas() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.submit();
      Epoch epoch = hub.row(id).epoch();
      node.report(hub.told(node.only().run(), 2, RunState.RUNNING));
      assertThat(hub.last.preconditions())
          .containsExactly(new Precondition.TaskIs(id, epoch, TaskState.STARTING));
    }

    @Test
    void keepSecondsFollowOnDisconnect() {
      HubFixture.Node node = hub.online("a");
      hub.submit();
      assertThat(node.only().keepSeconds()).isZero();
      node.report(hub.exited(node.only().run(), 2, Exit.of(0)));
      hub.submit(HubFixture.spec(null, HubFixture.SMALL, Policy.NEVER, OnDisconnect.REPLACE));
      assertThat(node.only().keepSeconds()).isEqualTo(10);
    }
  }

  @Nested
  class Suspending {
    @Test
    void theWishIsKeptAndToldAndTheStateFollowsTheNode() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
      RunId run = hub.run(id).id();

      hub.step(new HubEvent.SuspendTask(7, id, false));
      assertThat(node.only().desired()).isEqualTo(Desired.SUSPEND);
      assertThat(hub.row(id).desired()).isEqualTo(Desired.SUSPEND);
      assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
      node.report(hub.told(run, 9, RunState.SUSPENDED));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.SUSPENDED);

      hub.restart();
      node.hello(hub.told(run, 9, RunState.SUSPENDED));
      assertThat(node.only().desired()).isEqualTo(Desired.SUSPEND);

      hub.step(new HubEvent.ResumeTask(8, id));
      assertThat(node.only().desired()).isEqualTo(Desired.RUN);
    }

    @Test
    void memoryIsGivenBackWhereTheDriverCan() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
      RunId run = hub.run(id).id();
      hub.step(new HubEvent.SuspendTask(7, id, true));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.DRIVER_CANNOT);
      assertThat(node.only().desired()).isEqualTo(Desired.RUN);

      String driver = HubFixture.spec(HubFixture.SMALL).workload().driver();
      node.deep = List.of(driver);
      node.hello(hub.told(run, 8, RunState.RUNNING));
      hub.step(new HubEvent.SuspendTask(8, id, false));
      node.report(hub.told(run, 9, RunState.SUSPENDED));
      assertThat(node.only().deep()).isFalse();
      assertThat(hub.view(id).deep()).isFalse();
      hub.step(new HubEvent.SuspendTask(9, id, true));
      assertThat(node.only().deep()).isTrue();
      node.report(deep(hub.told(run, 10, RunState.SUSPENDED)));
      assertThat(hub.view(id).deep()).isTrue();
      assertThat(hub.row(id).detail()).contains("without memory");
      hub.step(new HubEvent.SuspendTask(10, id, false)); // it stays as it is
      assertThat(node.only().deep()).isTrue();

      hub.restart();
      node.hello(deep(hub.told(run, 10, RunState.SUSPENDED)));
      assertThat(node.only().deep()).isTrue();
      assertThat(hub.view(id).deep()).isTrue();
      hub.step(new HubEvent.ResumeTask(11, id));
      assertThat(node.only().desired()).isEqualTo(Desired.RUN);
      assertThat(node.only().deep()).isFalse();
      node.report(hub.told(run, 11, RunState.RUNNING));
      assertThat(hub.view(id).deep()).isFalse();
    }

    private static RunReport deep(RunReport told) {
      return new RunReport(
          told.run(),
          told.seq(),
          told.state(),
          told.detail(),
          told.at(),
          told.startedAt(),
          told.exit(),
          told.endpoints(),
          told.order(),
          true);
    }

    @Test
    void whatIsQueuedIsNotPlacedBeforeItIsResumed() {
      TaskId id = hub.submit();
      hub.step(new HubEvent.SuspendTask(7, id, false));
      HubFixture.Node node = hub.online("a");
      hub.pass(Duration.ofSeconds(3), node);
      assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
      assertThat(hub.view(id).waiting().smallestChange()).contains("atoll resume");

      hub.restart();
      node.hello();
      assertThat(node.wanted).isEmpty();
      hub.step(new HubEvent.ResumeTask(8, id));
      assertThat(node.only().desired()).isEqualTo(Desired.RUN);
    }

    @Test
    void aSuspendedRunThatIsLostWaitsToBeResumed() {
      HubFixture.Node node = hub.online("a");
      TaskId id =
          hub.running(
              node, HubFixture.spec(null, HubFixture.SMALL, Policy.ALWAYS, OnDisconnect.KEEP));
      RunId run = hub.run(id).id();
      hub.step(new HubEvent.SuspendTask(7, id, false));
      node.report(hub.exited(run, 9, Exit.lost("its supervisor is gone")));
      hub.pass(Duration.ofSeconds(5), node);
      assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
      hub.step(new HubEvent.ResumeTask(8, id));
      hub.pass(Duration.ofSeconds(5), node);
      assertThat(node.only().run().epoch()).isGreaterThan(run.epoch());
    }

    @Test
    void whatEndsCannotBeSuspended() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
      hub.step(new HubEvent.SuspendTask(7, id, false));
      hub.step(new HubEvent.StopTask(8, id));
      assertThat(node.only().desired()).isEqualTo(Desired.STOP);
      hub.step(new HubEvent.ResumeTask(9, id));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
      assertThat(node.only().desired()).isEqualTo(Desired.STOP);
    }
  }

  @Nested
  class Requesting {
    @Test
    void namesAreUniqueAmongLiveTasks() {
      TaskSpec spec = HubFixture.spec("web", HubFixture.SMALL, Policy.NEVER, OnDisconnect.KEEP);
      TaskId id = hub.submit(spec);
      hub.step(new HubEvent.Submit(2, hub.nextId(), spec, new Authority("k", List.of()), null));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
      assertThat(hub.machine.find("web")).contains(id);

      hub.step(new HubEvent.StopTask(3, id));
      hub.submit(spec);
    }

    @Test
    void aRepeatedRequestMakesNoSecondTask() {
      TaskId id = hub.nextId();
      HubEvent.Idempotency key = new HubEvent.Idempotency("abc", "hash", Instant.MAX, null);
      Authority by = new Authority("k1", List.of());
      hub.step(new HubEvent.Submit(1, id, HubFixture.spec(HubFixture.SMALL), by, key));
      hub.step(new HubEvent.Submit(2, hub.nextId(), HubFixture.spec(HubFixture.SMALL), by, key));
      assertThat(hub.answer).isEqualTo(new Answer.Repeated(id));

      hub.restart();
      HubEvent.Idempotency stored =
          new HubEvent.Idempotency(
              "abc",
              "other",
              Instant.MAX,
              hub.store.read(new Query.Idempotent("k1", "abc")).orElseThrow());
      hub.step(new HubEvent.Submit(3, hub.nextId(), HubFixture.spec(HubFixture.SMALL), by, stored));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    }

    @Test
    void whatWaitingWouldNotMendIsRefused() {
      hub.online("a");
      hub.step(
          new HubEvent.Submit(
              1,
              hub.nextId(),
              HubFixture.spec(new Resources(1000, 1 << 30, 0)),
              new Authority("k", List.of()),
              null));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.NO_CAPACITY);
      assertThat(hub.failure().hint()).contains("--memory 4Ki (asked: 1Gi)");
      assertThat(hub.last.changes()).isEmpty();

      TaskSpec pinned = pinned("nowhere");
      hub.step(new HubEvent.Submit(2, hub.nextId(), pinned, new Authority("k", List.of()), null));
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.NOT_FOUND);
    }

    private static TaskSpec pinned(String node) {
      TaskSpec spec = HubFixture.spec(HubFixture.SMALL);
      return new TaskSpec(
          null, spec.workload(), 50, node, spec.restart(), spec.onDisconnect(), 0, 5);
    }

    @Test
    void aPinnedTaskWaitsForItsNodeByName() {
      hub.online("a");
      HubFixture.Node b = hub.node("b").join();
      TaskId id = hub.submit(pinned("b"));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
      b.hello();
      assertThat(b.only().run().task()).isEqualTo(id);
    }

    @Test
    void aQueuedTaskIsStoppedAtOnce() {
      TaskId id = hub.submit();
      hub.step(new HubEvent.StopTask(2, id));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.STOPPED);
      assertThat(((Answer.Task) hub.answer).view().state()).isEqualTo(TaskState.STOPPED);
      hub.step(new HubEvent.StopTask(3, id));
      assertThat(hub.answer).isEqualTo(new Answer.NotLive(id));
    }

    @Test
    void aRunningTaskIsAskedToEndHoweverItThenEnds() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
      hub.step(new HubEvent.StopTask(2, id));
      assertThat(node.only().desired()).isEqualTo(Desired.STOP);
      assertThat(hub.row(id).state()).isEqualTo(TaskState.STOPPING);

      node.report(hub.exited(node.only().run(), 4, Exit.of(0)));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.STOPPED);
      assertThat(hub.row(id).exit()).isEqualTo(Exit.of(0));
    }

    @Test
    void aDeletedTaskIsForgottenByItsNode() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
      delete(id);
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);

      node.report(hub.exited(node.only().run(), 4, Exit.of(0)));
      delete(id);
      assertThat(hub.answer).isEqualTo(new Answer.Done());
      assertThat(node.last(ToProvider.Forget.class).tasks()).containsExactly(id);

      node.heard.clear();
      node.hello();
      assertThat(node.last(ToProvider.Forget.class).tasks()).containsExactly(id);
      node.known(List.of(id));
      assertThat(hub.store.read(new Query.Forgets()).get(node.id)).isEmpty();
      delete(id);
      assertThat(hub.failure().code()).isEqualTo(ErrorCode.NOT_FOUND);
    }

    private void delete(TaskId id) {
      hub.step(
          new HubEvent.DeleteTask(
              9,
              id,
              hub.store.read(new Query.TaskById(id)).orElse(null),
              hub.store.read(new Query.RunsOf(id))));
    }
  }

  @Nested
  class Reporting {
    @Test
    void reportsAreTakenOnceAndAlwaysAcknowledged() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.submit();
      RunId run = node.only().run();
      node.report(hub.told(run, 3, RunState.RUNNING));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
      node.report(hub.told(run, 2, RunState.STARTING));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.RUNNING);
      assertThat(hub.last.changes()).isEmpty();
      assertThat(hub.isAcked(run, 2)).isTrue();
    }

    @Test
    void anOlderEpochIsAcknowledgedAndNotWanted() {
      HubFixture.Node node = hub.online("a");
      TaskId id =
          hub.running(
              node, HubFixture.spec(null, HubFixture.SMALL, Policy.ON_FAILURE, OnDisconnect.KEEP));
      RunId first = node.only().run();
      node.report(hub.exited(first, 4, Exit.of(1)));
      hub.pass(Duration.ofSeconds(2), node);
      RunId second = node.only().run();
      assertThat(second.epoch()).isGreaterThan(first.epoch());

      node.report(hub.told(first, 9, RunState.RUNNING));
      assertThat(hub.isAcked(first, 9)).isTrue();
      assertThat(node.wanted).containsOnlyKeys(second);
      assertThat(hub.row(id).epoch()).isEqualTo(second.epoch());
    }

    @Test
    void aWrongProgramFailsAtOnceAndSaysWhy() {
      HubFixture.Node node = hub.online("a");
      TaskId id =
          hub.submit(HubFixture.spec(null, HubFixture.SMALL, Policy.ALWAYS, OnDisconnect.KEEP));
      node.report(
          hub.exited(
              node.only().run(),
              2,
              new Exit(Exit.Cause.START_FAILED, 127, "no program /bin/nope")));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.FAILED);
      assertThat(hub.row(id).detail()).isEqualTo("no program /bin/nope");
    }

    @Test
    void aNodeThatCannotStartItIsFollowedByAnother() {
      HubFixture.Node a = hub.online("a");
      HubFixture.Node b = hub.online("b");
      TaskId id = hub.submit();
      HubFixture.Node first = a.wanted.isEmpty() ? b : a;
      HubFixture.Node other = first == a ? b : a;
      first.report(hub.exited(first.only().run(), 2, Exit.startFailed("disk full")));
      assertThat(other.only().run().task()).isEqualTo(id);
      assertThat(hub.row(id).attempts().launchFailed()).isEqualTo(1);
    }

    @Test
    void launchFailuresAreTriedAgainWithDelayUntilTheBound() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.submit();
      node.report(hub.exited(node.only().run(), 2, Exit.startFailed("one")));
      node.report(hub.exited(node.only().run(), 2, Exit.startFailed("two")));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
      assertThat(hub.view(id).waiting().summary()).startsWith("it is tried again in");
      hub.pass(Duration.ofMillis(900), node);
      assertThat(node.wanted).isEmpty();
      hub.pass(Duration.ofMillis(300), node);
      node.report(hub.exited(node.only().run(), 2, Exit.startFailed("three")));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.FAILED);
    }

    @Test
    void anExitCodeIsShownOnlyOnceTheTaskHasEnded() {
      HubFixture.Node node = hub.online("a");
      TaskId id = hub.submit();
      node.report(hub.exited(node.only().run(), 2, Exit.startFailed("one")));
      assertNoExit(id, TaskState.STARTING);
      node.report(hub.told(node.only().run(), 2, RunState.RUNNING));
      assertNoExit(id, TaskState.RUNNING);
      node.report(hub.exited(node.only().run(), 3, Exit.startFailed("two")));
      assertNoExit(id, TaskState.QUEUED);
      assertThat(hub.view(id).detail()).isEqualTo("two");
      hub.restart();
      node.hello();
      assertNoExit(id, TaskState.QUEUED);
      hub.pass(Duration.ofSeconds(2), node);
      node.report(hub.exited(node.only().run(), 2, Exit.startFailed("three")));
      assertThat(hub.row(id).state()).isEqualTo(TaskState.FAILED);
      TaskView ended = TaskViews.of(hub.row(id), null, null, null, null, List.of(), List.of());
      assertThat(ended.exitCode()).isEqualTo(125);
      assertThat(ended.exitDetail()).isEqualTo("three");
    }

    private void assertNoExit(TaskId id, TaskState state) {
      List<TaskView> views = List.of(hub.view(id), hub.machine.tasks().getFirst());
      for (TaskView view : views) {
        assertThat(view.state()).isEqualTo(state);
        assertThat(view.exitCode()).as(state.name()).isNull();
        assertThat(view.exitDetail()).as(state.name()).isNull();
      }
    }

    @Test
    void backOffSurvivesARestartAndAJumpOfTheWallClock() {
      HubFixture.Node node = hub.online("a");
      TaskId id =
          hub.running(
              node, HubFixture.spec(null, HubFixture.SMALL, Policy.ON_FAILURE, OnDisconnect.KEEP));
      node.report(hub.exited(node.only().run(), 4, Exit.of(1)));
      hub.wall = hub.wall.minus(Duration.ofDays(30));
      hub.restart();
      node.hello();
      assertThat(hub.row(id).state()).isEqualTo(TaskState.QUEUED);
      hub.pass(Duration.ofSeconds(61), node);
      assertThat(node.wanted).hasSize(1);
    }

    @Test
    void aWrongDigestIsAnsweredWithTheWholeSet() {
      HubFixture.Node node = hub.online("a");
      hub.submit();
      node.heard.clear();
      node.beat(node.revision, "nonsense");
      assertThat(node.last(ToProvider.DesiredSet.class).base())
          .isEqualTo(ToProvider.DesiredSet.WHOLE);
      assertThat(node.heard.getFirst()).isEqualTo(new ToProvider.Heard(hub.nanos));
      node.heard.clear();
      node.beat();
      assertThat(node.heard).hasSize(1);
    }

    @Test
    void aNodeThatStaysBehindGetsTheWholeSet() {
      HubFixture.Node node = hub.online("a");
      hub.submit();
      for (int i = 0; i < 3; i++) {
        node.heard.clear();
        node.beat(0, "old");
        assertThat(node.heard).hasSize(1);
      }
      node.beat(0, "old");
      assertThat(node.last(ToProvider.DesiredSet.class).put()).hasSize(1);
    }

    @Test
    void anOldSessionHasNothingToSay() {
      HubFixture.Node node = hub.online("a");
      long old = node.session;
      node.hello();
      hub.step(new HubEvent.Disconnected(node.id, old));
      assertThat(hub.machine.nodes().getFirst().state()).isEqualTo("ONLINE");
    }
  }

  @Test
  void anEndIsOfTheTimeWhenItWasNotWhenItWasHeardOf() {
    assertThat(endOf(Duration.ofSeconds(100), Duration.ofSeconds(30)))
        .isEqualTo(Duration.ofSeconds(30));
    // A clock that is ahead, and one that was set back.
    assertThat(endOf(Duration.ofSeconds(100), Duration.ofSeconds(500)))
        .isEqualTo(Duration.ofSeconds(100));
    assertThat(endOf(Duration.ofSeconds(100), Duration.ofSeconds(-9))).isEqualTo(Duration.ZERO);
  }

  /// @param heard when the hub hears of an end, after the start
  /// @param told when it was, as the node says
  /// @return when it was, as the hub says
  private static Duration endOf(Duration heard, Duration told) {
    HubFixture hub = new HubFixture();
    HubFixture.Node node = hub.online("a");
    TaskId id = hub.running(node, HubFixture.spec(HubFixture.SMALL));
    RunId run = node.only().run();
    Instant began = hub.wall;
    hub.wall = began.plus(heard);
    hub.restart();
    node.hello(
        new RunReport(
            run, 9, RunState.EXITED, "", began.plus(told), began, Exit.of(0), List.of(), null));
    assertThat(hub.run(id).endedAt()).isEqualTo(hub.row(id).endedAt());
    return Duration.between(began, hub.row(id).endedAt());
  }
}
