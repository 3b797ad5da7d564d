package io.atoll.daemon.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivityRunnerTest {
  private static final RunId RUN = new RunId(new TaskId("t0123456789ab"), new Epoch(1, 1));

  @TempDir Path temp;
  private final MockMachine machine = new MockMachine();
  private final Told told = new Told();

  @Test
  void runsToTheEnd() {
    runner("exit_code=3").start();
    await().until(() -> told.exit != null);
    assertThat(told.exit).isEqualTo(Exit.of(3));
    assertThat(machine.starts(RUN)).isEqualTo(1);
    assertThat(told.words).doesNotContain("starting"); // an accepted run is starting anyway
  }

  @Test
  void aStartThatFailsIsAnExitThatNeverBegan() {
    runner("start_error=no luck").start();
    await().until(() -> told.exit != null);
    assertThat(told.exit.neverBegan()).isTrue();
    assertThat(told.exit.detail()).contains("no luck").contains("the script says so");
  }

  @Test
  void anUnknownWordIsTheDriversWordNotAStackTrace() {
    runner("nonsense").start();
    await().until(() -> told.exit != null);
    assertThat(told.exit.cause()).isEqualTo(Exit.Cause.START_FAILED);
    assertThat(told.exit.detail()).contains("nonsense");
  }

  @Test
  void stopEndsItWithTheCauseOfTheFirstWish() {
    ActivityRunner runner = runner("run_for=60S");
    runner.start();
    await().until(() -> told.words.contains("running"));
    runner.stop(Duration.ofSeconds(5), Exit.Cause.TIME_LIMIT);
    runner.stop(Duration.ZERO, Exit.Cause.STOPPED);
    await().until(() -> told.exit != null);
    assertThat(told.exit.cause()).isEqualTo(Exit.Cause.TIME_LIMIT);
    assertThat(machine.running()).isZero();
  }

  @Test
  void stopBeforeTheStartKeepsThePayloadFromBeginning() {
    ActivityRunner runner = runner("run_for=60S");
    runner.stop(Duration.ZERO, Exit.Cause.STOPPED);
    runner.start();
    await().until(() -> told.exit != null);
    assertThat(told.exit.cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(machine.starts(RUN)).isZero();
  }

  @Test
  void suspendsAndResumesAsWished() {
    ActivityRunner runner = runner("run_for=60S");
    runner.start();
    await().until(() -> told.words.contains("running"));
    runner.suspend(false);
    await().until(() -> told.words.contains("suspended true"));
    runner.resume();
    await().until(() -> told.words.contains("suspended false"));
    runner.suspend(false);
    runner.stop(Duration.ofSeconds(5), Exit.Cause.STOPPED);
    await().until(() -> told.exit != null);
    assertThat(told.exit.cause()).isEqualTo(Exit.Cause.STOPPED);
  }

  @Test
  void whatIsFoundSuspendedStaysSoUntilItIsWishedToGoOn() throws Exception {
    ActivityRunner runner = runner("run_for=60S");
    runner.start();
    await().until(() -> told.words.contains("running"));
    runner.suspend(false);
    await().until(() -> told.words.contains("suspended true"));
    Told second = new Told();
    ActivityRunner found = runner(second, "run_for=60S");
    found.recover();
    await().until(() -> second.words.contains("suspended true"));
    Thread.sleep(50);
    assertThat(second.words).doesNotContain("suspended false");
    found.resume();
    await().until(() -> second.words.contains("suspended false"));
    found.stop(Duration.ZERO, Exit.Cause.STOPPED);
    await().until(() -> second.exit != null);
  }

  @Test
  void anotherDaemonFindsItAgain() {
    runner("run_for=60S").start();
    await().until(() -> told.words.contains("running"));
    Told second = new Told();
    ActivityRunner found = runner(second, "run_for=60S");
    found.recover();
    await().until(() -> second.words.contains("running"));
    assertThat(second.words.peek()).isEqualTo("recovered true");
    found.stop(Duration.ZERO, Exit.Cause.STOPPED);
    await().until(() -> second.exit != null);
    assertThat(machine.starts(RUN)).isEqualTo(1);
  }

  @Test
  void whatNeverStartedIsSaidSoAndNothingElse() {
    runner("run_for=60S").recover();
    await().until(() -> !told.words.isEmpty());
    assertThat(told.words).containsExactly("recovered false");
    assertThat(machine.starts(RUN)).isZero();
  }

  @Test
  void aKilledSupervisorIsALostRun() {
    runner("run_for=60S").start();
    await().until(() -> told.words.contains("running"));
    machine.lose(RUN);
    await().until(() -> told.exit != null);
    assertThat(told.exit.cause()).isEqualTo(Exit.Cause.LOST);
  }

  private ActivityRunner runner(String... script) {
    return runner(told, script);
  }

  private ActivityRunner runner(Told listener, String... script) {
    Workload workload =
        new Workload(
            "mock",
            null,
            List.of(script),
            Map.of(),
            Resources.NONE,
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new ActivityRunner(
        new MockDriver("mock", machine),
        new ActivitySpec(RUN, workload, temp.resolve(RUN.toString())),
        listener);
  }

  private static final class Told implements ActivityRunner.Listener {
    final Queue<String> words = new ConcurrentLinkedQueue<>();
    volatile @Nullable Exit exit;

    @Override
    public void recovered(RunId run, boolean found) {
      words.add("recovered " + found);
    }

    @Override
    public void starting(RunId run, String detail) {
      words.add("starting" + detail);
    }

    @Override
    public void unavailable(String driver) {
      words.add("unavailable " + driver);
    }

    @Override
    public void running(RunId run, @Nullable Instant startedAt, List<Endpoint> endpoints) {
      words.add("running");
    }

    @Override
    public void detail(RunId run, String detail) {
      words.add("failing " + detail);
    }

    @Override
    public void suspended(RunId run, boolean suspended, boolean deep, List<Endpoint> endpoints) {
      words.add("suspended " + suspended + (deep ? " deep" : ""));
    }

    @Override
    public void exited(RunId run, Exit exit, @Nullable Instant endedAt) {
      this.exit = exit;
    }
  }
}
