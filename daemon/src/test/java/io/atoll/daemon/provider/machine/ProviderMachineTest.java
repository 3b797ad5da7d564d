package io.atoll.daemon.provider.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.Journal;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.daemon.sim.SimJournal;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.DesiredDigest;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.agreement.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProviderMachineTest {
  private static final PeerId SELF = new PeerId("12D3KooW" + "S".repeat(39) + "A");
  private static final PeerId HUB = new PeerId("12D3KooW" + "H".repeat(39) + "A");
  private static final PeerId OTHER = new PeerId("12D3KooW" + "H".repeat(39) + "B");
  private static final TaskId TASK = new TaskId("t000000000001");
  private static final ProviderConfig CONFIG =
      new ProviderConfig(
          "prov",
          "test",
          "linux",
          "amd64",
          new Resources(2000, 2048, 0),
          List.of("process", "docker"),
          List.of(),
          Map.of(),
          "boot");

  private final SimJournal journal = new SimJournal();
  private ProviderMachine machine;
  private long nanos = 7_000_000_000L;
  private Instant wall = Instant.parse("2026-03-01T12:00:00Z");
  private List<ProviderAction> actions = List.of();
  private long session;
  private long revision;

  @BeforeEach
  void join() {
    machine = new ProviderMachine(SELF, CONFIG, journal.load(), now());
    step(
        new ProviderEvent.Joined(
            new Agreement(HUB, List.of(), new Terms(List.of("process"), false, false), wall)));
    connect();
  }

  private Now now() {
    return new Now(nanos, wall);
  }

  private void step(ProviderEvent event) {
    ProviderDecision decision = machine.step(now(), event);
    journal.commit(decision.changes());
    actions = decision.actions();
  }

  private void restart() {
    machine = new ProviderMachine(SELF, CONFIG, journal.load(), now());
  }

  private void pass(Duration duration) {
    nanos += duration.toNanos();
    wall = wall.plus(duration);
    step(new ProviderEvent.Tick());
  }

  private void say(ToProvider message) {
    step(new ProviderEvent.FromHub(HUB, session, message));
  }

  private ToHub.Hello connect() {
    step(new ProviderEvent.SessionUp(HUB, ++session));
    ToHub.Hello hello = sent(ToHub.Hello.class);
    say(new ToProvider.Welcome(1, "test", 1000, 10_000));
    return hello;
  }

  private void whole(Order... orders) {
    say(
        new ToProvider.DesiredSet(
            ++revision, ToProvider.DesiredSet.WHOLE, List.of(orders), List.of()));
  }

  private void put(Order order) {
    say(new ToProvider.DesiredSet(revision + 1, revision++, List.of(order), List.of()));
  }

  private void remove(RunId run) {
    say(new ToProvider.DesiredSet(revision + 1, revision++, List.of(), List.of(run)));
  }

  private static Workload workload(String driver, Resources resources, List<Port> ports) {
    return new Workload(
        driver,
        null,
        List.of("/bin/true"),
        Map.of("A", "b"),
        resources,
        10,
        ports,
        false,
        Workload.Isolation.SANDBOX);
  }

  private static Order order(long counter, Desired desired, long limit, long keep) {
    return order(
        counter,
        desired,
        limit,
        keep,
        workload("process", new Resources(1500, 1024, 0), List.of()));
  }

  private static Order order(
      long counter, Desired desired, long limit, long keep, Workload workload) {
    return new Order(
        new RunId(TASK, new Epoch(1, counter)),
        workload,
        desired,
        30,
        limit,
        keep,
        new Authority("k", List.of()),
        "{}");
  }

  private static Order order(long counter) {
    return order(counter, Desired.RUN, 0, 0);
  }

  private <A> List<A> did(Class<A> type) {
    return actions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private <M extends ToHub> M sent(Class<M> type) {
    return did(ProviderAction.Send.class).stream()
        .map(ProviderAction.Send::message)
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + actions));
  }

  private RunReport report() {
    List<RunReport> runs = sent(ToHub.Reports.class).runs();
    assertThat(runs).hasSize(1);
    return runs.getFirst();
  }

  private RunRecord record() {
    return journal.load().runs().getFirst();
  }

  private void running(Order order) {
    step(new ProviderEvent.RunnerProgress(order.run(), RunState.RUNNING, "", wall, List.of()));
  }

  private void exit(Order order, Exit exit) {
    step(new ProviderEvent.RunnerExited(order.run(), exit, null));
  }

  @Test
  void anEndThatNobodySawIsToldWithItsOwnTime() {
    whole(order(1));
    running(order(1));
    Instant end = wall.plusSeconds(5);
    pass(Duration.ofSeconds(60));
    step(new ProviderEvent.RunnerExited(order(1).run(), Exit.of(0), end));
    assertThat(sent(ToHub.Reports.class).runs().getFirst().at()).isEqualTo(end);
    assertThat(record().endedAt()).isEqualTo(end);
  }

  @Test
  void theIntentIsJournalledInTheStepThatStarts() {
    whole(order(1));
    assertThat(did(ProviderAction.StartRun.class)).hasSize(1);
    assertThat(record().state()).isEqualTo(RunState.ACCEPTED);
    assertThat(record().order()).isEqualTo(order(1));
    assertThat(machine.free()).isEqualTo(new Resources(500, 1024, 0));
  }

  @Test
  void progressIsGatheredAndAnEndIsToldAtOnce() {
    whole(order(1));
    running(order(1));
    assertThat(did(ProviderAction.Send.class)).isEmpty();
    assertThat(machine.idle(now())).isLessThanOrEqualTo(Duration.ofMillis(20));
    pass(Duration.ofMillis(20));
    assertThat(report().state()).isEqualTo(RunState.RUNNING);
    assertThat(report().seq()).isEqualTo(2);
    assertThat(record().seq()).isEqualTo(2);
    exit(order(1), Exit.of(3));
    assertThat(report().exit()).isEqualTo(Exit.of(3));
    assertThat(report().seq()).isEqualTo(3);
    assertThat(record().state()).isEqualTo(RunState.EXITED);
    assertThat(machine.free()).isEqualTo(CONFIG.total());
  }

  @Test
  void anEpochIsStartedOnceAndALowerOneNever() {
    whole(order(5));
    exit(order(5), Exit.of(0));
    whole(order(5));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(report().exit()).isEqualTo(Exit.of(0));
    whole(order(4));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(report().run()).isEqualTo(order(5).run());
    restart();
    connect();
    whole(order(4));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    whole(order(6));
    assertThat(did(ProviderAction.StartRun.class)).hasSize(1);
  }

  @Test
  void whatTheTermsDoNotAllowIsRefused() {
    Resources small = new Resources(1, 1, 0);
    for (Workload workload :
        List.of(
            workload("docker", small, List.of()),
            workload("vm", small, List.of()),
            workload("process", small, List.of(Port.parse("80"))),
            workload("process", new Resources(2001, 1, 0), List.of()),
            new Workload(
                "process",
                null,
                List.of(),
                Map.of(),
                small,
                1,
                List.of(),
                false,
                Workload.Isolation.BARE))) {
      long counter = ++revision + 100;
      put0(order(counter, Desired.RUN, 0, 0, workload));
      assertThat(did(ProviderAction.StartRun.class)).as("%s", workload).isEmpty();
      assertThat(report().exit().cause()).isEqualTo(Exit.Cause.START_FAILED);
      assertThat(report().exit().code()).isEqualTo(125);
      assertThat(report().exit().detail()).contains("prov");
    }
  }

  private void put0(Order order) {
    whole(order);
  }

  @Test
  void whatIsNoLongerWantedIsStoppedAndItsRecordStays() {
    whole(order(1));
    running(order(1));
    remove(order(1).run());
    assertThat(did(ProviderAction.StopRun.class))
        .containsExactly(
            new ProviderAction.StopRun(order(1).run(), Duration.ofSeconds(30), Exit.Cause.STOPPED));
    exit(order(1), new Exit(Exit.Cause.SIGNALED, 143, ""));
    assertThat(report().exit().cause()).isEqualTo(Exit.Cause.STOPPED);
    say(new ToProvider.Acks(List.of(new ToProvider.Ack(order(1).run(), report().seq()))));
    assertThat(record().ackedSeq()).isEqualTo(record().seq());
    assertThat(record().order().workload().env()).isEmpty();
    put(order(1));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
  }

  @Test
  void runsPauseWhileTheOwnerNeedsTheMachineAndGoOnAfterwards() {
    whole(order(1));
    running(order(1));
    step(new ProviderEvent.Machine("it runs on battery", null));
    assertThat(did(ProviderAction.SuspendRun.class)).hasSize(1);
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.SUSPENDED, "", null, List.of()));
    assertThat(did(ProviderAction.ResumeRun.class)).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(sent(ToHub.Heartbeat.class).free()).isEqualTo(Resources.NONE);
    assertThat(record().detail()).contains("battery");
    put(order(1)); // that the hub says again what it wants changes nothing
    assertThat(did(ProviderAction.ResumeRun.class)).isEmpty();
    step(new ProviderEvent.Machine(null, null));
    assertThat(did(ProviderAction.ResumeRun.class)).hasSize(1);
  }

  @Test
  void theOwnerDoesNotWakeWhatItsHubSuspended() {
    whole(order(1, Desired.SUSPEND, 0, 0));
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.SUSPENDED, "", null, List.of()));
    step(new ProviderEvent.Machine("hours", null));
    step(new ProviderEvent.Machine(null, null));
    assertThat(did(ProviderAction.ResumeRun.class)).isEmpty();
  }

  @Test
  void aRunGivesItsMemoryBackAlsoWhenItStandsStillAlready() {
    Order plain = order(1, Desired.SUSPEND, 0, 0);
    Order deep =
        new Order(
            plain.run(),
            plain.workload(),
            Desired.SUSPEND,
            plain.graceSeconds(),
            0,
            0,
            plain.authority(),
            plain.task(),
            true);
    whole(order(1));
    running(order(1));
    put(deep);
    assertThat(did(ProviderAction.SuspendRun.class))
        .containsExactly(new ProviderAction.SuspendRun(deep.run(), true));
    step(new ProviderEvent.RunnerProgress(deep.run(), RunState.SUSPENDED, "", null, List.of()));
    assertThat(did(ProviderAction.SuspendRun.class)).isEmpty(); // its runner tries on
    put(deep);
    assertThat(did(ProviderAction.SuspendRun.class)).hasSize(1);
    step(
        new ProviderEvent.RunnerProgress(
            deep.run(), RunState.SUSPENDED, "", null, List.of(), true));
    pass(Duration.ofSeconds(1));
    assertThat(report().deep()).isTrue();
    assertThat(record().deep()).isTrue();
    put(deep);
    assertThat(did(ProviderAction.SuspendRun.class)).isEmpty();
    put(plain); // it stays as it is
    assertThat(did(ProviderAction.SuspendRun.class)).isEmpty();
    put(order(1));
    assertThat(did(ProviderAction.ResumeRun.class)).hasSize(1);
    running(order(1));
    pass(Duration.ofSeconds(1));
    assertThat(report().deep()).isFalse();
  }

  @Test
  void aBusyMachineTakesNothingNewAndKeepsWhatItHas() {
    step(new ProviderEvent.Machine(null, "processors: 95 % in use, limit 90 %"));
    assertThat(did(ProviderAction.SuspendRun.class)).isEmpty();
    whole(order(1));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(record().exit()).isNotNull();
    assertThat(record().exit().detail()).contains("takes no new work").contains("95 %");
  }

  @Test
  void heartbeatsGoOnWhileNothingCanBeJournalled() {
    whole(order(1));
    nanos += Duration.ofSeconds(2).toNanos();
    List<ProviderAction> beats = machine.beats(now());
    assertThat(beats)
        .singleElement()
        .isInstanceOfSatisfying(
            ProviderAction.Send.class,
            sent -> assertThat(sent.message()).isInstanceOf(ToHub.Heartbeat.class));
    assertThat(machine.beats(now())).isEmpty();
  }

  @Test
  void forgettingDropsRecordAndFolderAndSaysSo() {
    whole(order(1));
    say(new ToProvider.Forget(List.of(TASK)));
    assertThat(did(ProviderAction.StopRun.class)).hasSize(1);
    assertThat(did(ProviderAction.DropFolder.class)).isEmpty();
    exit(order(1), Exit.of(0));
    assertThat(did(ProviderAction.DropFolder.class))
        .singleElement()
        .satisfies(drop -> assertThat(drop.workload()).isNotNull());
    assertThat(sent(ToHub.Known.class)).isEqualTo(new ToHub.Known(List.of(TASK), List.of()));
    assertThat(journal.load().runs()).hasSize(1).allMatch(RunRecord::forgotten);
    say(new ToProvider.Forget(List.of(TASK)));
    assertThat(sent(ToHub.Known.class).asked()).containsExactly(TASK);
  }

  @Test
  void aNewerEpochWaitsForTheEndOfTheOlder() {
    whole(order(1));
    running(order(1));
    whole(order(2));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(did(ProviderAction.StopRun.class)).hasSize(1);
    exit(order(1), Exit.of(0));
    assertThat(did(ProviderAction.StartRun.class))
        .containsExactly(new ProviderAction.StartRun(order(2)));
  }

  @Test
  void theTimeLimitEndsARunAlsoAfterARestart() {
    Order order = order(1, Desired.RUN, 60, 0);
    whole(order);
    running(order);
    pass(Duration.ofSeconds(40));
    restart();
    step(new ProviderEvent.Recovered(order.run(), ProviderEvent.Finding.FOUND));
    step(
        new ProviderEvent.RunnerProgress(
            order.run(), RunState.RUNNING, "", wall.minusSeconds(40), List.of()));
    pass(Duration.ofSeconds(19));
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(did(ProviderAction.StopRun.class).getFirst().cause())
        .isEqualTo(Exit.Cause.TIME_LIMIT);
    restart();
    step(new ProviderEvent.Recovered(order.run(), ProviderEvent.Finding.FOUND));
    assertThat(did(ProviderAction.StopRun.class)).hasSize(1);
    exit(order, new Exit(Exit.Cause.SIGNALED, 143, ""));
    assertThat(record().exit().cause()).isEqualTo(Exit.Cause.TIME_LIMIT);
  }

  @Test
  void withoutItsHubItStopsWhatItMayNotKeep() {
    Order order = order(1, Desired.RUN, 0, 10);
    whole(order);
    running(order);
    pass(Duration.ofSeconds(1));
    ToHub.Heartbeat beat = sent(ToHub.Heartbeat.class);
    assertThat(beat.digest()).isEqualTo(DesiredDigest.of(List.of(order)));
    assertThat(beat.free()).isEqualTo(machine.free());
    nanos += Duration.ofSeconds(3).toNanos();
    say(new ToProvider.Heard(beat.beat()));
    step(new ProviderEvent.SessionDown(HUB, session));
    // Counts from when the beat was sent, not from when its answer came.
    pass(Duration.ofMillis(6900));
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
    pass(Duration.ofMillis(100));
    assertThat(did(ProviderAction.StopRun.class))
        .containsExactly(
            new ProviderAction.StopRun(
                order.run(), ProviderMachine.FENCE_GRACE, Exit.Cause.STOPPED));
    exit(order, new Exit(Exit.Cause.SIGNALED, 143, ""));
    assertThat(record().exit().detail()).contains("no contact with the hub for 10 s");
  }

  @Test
  void anOrderThatCameTooLateIsNotStarted() {
    pass(Duration.ofSeconds(9));
    nanos += Duration.ofSeconds(4).toNanos();
    whole(order(1, Desired.RUN, 0, 10));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(report().exit().neverBegan()).isTrue();
    put(order(2));
    assertThat(did(ProviderAction.StartRun.class)).hasSize(1);
  }

  @Test
  void aHubFoundSilentIsNotHeardByItsOldWelcome() {
    step(new ProviderEvent.SessionUp(HUB, ++session));
    nanos += Duration.ofSeconds(14).toNanos();
    step(new ProviderEvent.Tick());
    assertThat(did(ProviderAction.Close.class)).hasSize(1);
    say(new ToProvider.Welcome(1, "test", 1000, 10_000));
    whole(order(1, Desired.RUN, 0, 10));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
  }

  @Test
  void whatItMayKeepGoesOnForEver() {
    whole(order(1));
    running(order(1));
    step(new ProviderEvent.SessionDown(HUB, session));
    pass(Duration.ofDays(30));
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
  }

  @Test
  void aHubThatDoesNotAnswerIsDialledAgain() {
    pass(Duration.ofSeconds(9));
    assertThat(did(ProviderAction.Close.class)).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(did(ProviderAction.Close.class)).hasSize(1);
  }

  @Test
  void aRunThatNeverBeganWaitsUntilItsHubStillWantsIt() {
    whole(order(1));
    restart();
    assertThat(machine.toRecover()).hasSize(1);
    step(new ProviderEvent.Recovered(order(1).run(), ProviderEvent.Finding.NEVER_STARTED));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(connect().runs()).hasSize(1);
    whole(order(1));
    assertThat(did(ProviderAction.StartRun.class)).hasSize(1);

    restart();
    step(new ProviderEvent.Recovered(order(1).run(), ProviderEvent.Finding.NEVER_STARTED));
    connect();
    whole();
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(report().exit().neverBegan()).isTrue();
  }

  @Test
  void endsAreRepeatedUntilAcknowledged() {
    whole(order(1));
    step(new ProviderEvent.SessionDown(HUB, session));
    exit(order(1), Exit.of(9));
    restart();
    ToHub.Hello hello = connect();
    assertThat(hello.highest()).isEqualTo(new Epoch(1, 1));
    assertThat(hello.runs().getFirst().exit()).isEqualTo(Exit.of(9));
    assertThat(hello.runs().getFirst().order()).isEqualTo(order(1));
    say(
        new ToProvider.Acks(
            List.of(new ToProvider.Ack(order(1).run(), hello.runs().getFirst().seq()))));
    restart();
    assertThat(connect().runs()).isEmpty();
  }

  @Test
  void anEndBeforeTheWelcomeIsToldInTheSameSession() {
    whole(order(1));
    step(new ProviderEvent.SessionUp(HUB, ++session));
    exit(order(1), Exit.of(0));
    assertThat(report().exit()).isEqualTo(Exit.of(0));
  }

  @Test
  void askedItTellsWhatItKnows() {
    TaskId never = new TaskId("t000000000009");
    whole(order(1));
    say(new ToProvider.Ask(List.of(TASK, never)));
    ToHub.Known known = sent(ToHub.Known.class);
    assertThat(known.asked()).containsExactly(TASK, never);
    assertThat(known.runs()).hasSize(1);
    assertThat(known.runs().getFirst().order()).isEqualTo(order(1));
  }

  @Test
  void twoHubsDoNotMix() {
    whole(order(1));
    step(
        new ProviderEvent.Joined(
            new Agreement(OTHER, List.of(), new Terms(List.of("process"), true, true), wall)));
    step(new ProviderEvent.SessionUp(OTHER, 77));
    assertThat(sent(ToHub.Hello.class).runs()).isEmpty();
    assertThat(sent(ToHub.Hello.class).highest()).isEqualTo(Epoch.NONE);
    step(
        new ProviderEvent.FromHub(
            OTHER,
            77,
            new ToProvider.DesiredSet(
                1, ToProvider.DesiredSet.WHOLE, List.of(order(8)), List.of())));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
    assertThat(report().exit().detail()).contains("another hub");
    step(new ProviderEvent.FromHub(OTHER, 77, new ToProvider.Forget(List.of(TASK))));
    assertThat(did(ProviderAction.DropFolder.class)).isEmpty();
    assertThat(machine.live()).hasSize(1);
  }

  @Test
  void leavingAHubStopsItsRunsAndForgetsThem() {
    whole(order(1));
    step(new ProviderEvent.Left(HUB));
    assertThat(did(ProviderAction.StopRun.class)).hasSize(1);
    assertThat(did(ProviderAction.Close.class)).hasSize(1);
    exit(order(1), Exit.of(0));
    Journal.Contents left = journal.load();
    assertThat(left.runs()).isEmpty();
    assertThat(left.agreements()).isEmpty();
  }

  @Test
  void suspendAndResumeFollowTheOrder() {
    whole(order(1));
    running(order(1));
    put(order(1, Desired.SUSPEND, 0, 0));
    assertThat(did(ProviderAction.SuspendRun.class)).hasSize(1);
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.SUSPENDED, "", null, List.of()));
    put(order(1));
    assertThat(did(ProviderAction.ResumeRun.class)).hasSize(1);
  }

  @Test
  void theTimeLimitStandsStillWhileSuspendedAlsoOverARestart() {
    whole(order(1, Desired.RUN, 10, 0));
    running(order(1));
    pass(Duration.ofSeconds(4));
    put(order(1, Desired.SUSPEND, 10, 0));
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.SUSPENDED, "", null, List.of()));
    pass(Duration.ofSeconds(30));
    restart();
    step(new ProviderEvent.Recovered(order(1).run(), ProviderEvent.Finding.FOUND));
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.SUSPENDED, "", null, List.of()));
    pass(Duration.ofSeconds(30));
    connect();
    whole(order(1, Desired.RUN, 10, 0));
    assertThat(did(ProviderAction.ResumeRun.class)).hasSize(1);
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.RUNNING, "", null, List.of()));
    pass(Duration.ofSeconds(5));
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
    restart();
    step(new ProviderEvent.Recovered(order(1).run(), ProviderEvent.Finding.FOUND));
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.RUNNING, "", null, List.of()));
    pass(Duration.ofMillis(500));
    assertThat(did(ProviderAction.StopRun.class)).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(did(ProviderAction.StopRun.class)).hasSize(1);
  }

  @Test
  void whatWasOrderedBeforeACrashIsDoneAfterIt() {
    whole(order(1));
    running(order(1));
    put(order(1, Desired.SUSPEND, 0, 0));
    restart();
    step(new ProviderEvent.Recovered(order(1).run(), ProviderEvent.Finding.FOUND));
    step(new ProviderEvent.RunnerProgress(order(1).run(), RunState.RUNNING, "", null, List.of()));
    assertThat(did(ProviderAction.SuspendRun.class)).hasSize(1); // no hub was asked
  }

  @Test
  void aDiffThatDoesNotFitIsLeftForAWholeSet() {
    whole();
    say(new ToProvider.DesiredSet(9, 8, List.of(order(1)), List.of()));
    assertThat(actions).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(sent(ToHub.Heartbeat.class).revision()).isEqualTo(revision);
  }

  @Test
  void anOrderToStopARunThatIsNotHereSpendsItsEpoch() {
    whole(order(1, Desired.STOP, 0, 0));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(report().exit().cause()).isEqualTo(Exit.Cause.STOPPED);
    whole(order(1));
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
  }

  @Test
  void aFailureToStartTellsWhoseTroubleItIs() {
    List<Integer> codes = new ArrayList<>();
    for (ErrorCode code :
        List.of(
            ErrorCode.IMAGE_NOT_FOUND, ErrorCode.DENIED, ErrorCode.DISK_FULL, ErrorCode.INTERNAL)) {
      codes.add(StartFailure.of(code, "no", "hint").code());
    }
    assertThat(StartFailure.of(ErrorCode.DENIED, "no", "hint").detail())
        .isEqualTo("DENIED: no; hint");
    assertThat(codes).containsExactly(126, 125, 125, 125);
  }
}
