package io.atoll.runtime.driver.mock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MockDriverTest {
  @TempDir Path runs;
  private final MockMachine machine = new MockMachine();
  private final MockDriver driver = new MockDriver("mock", machine);

  private ActivitySpec spec(String task, String... words) {
    RunId id = new RunId(new TaskId(task), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "mock",
            null,
            List.of(words),
            Map.of(),
            Resources.NONE,
            1,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new ActivitySpec(id, workload, runs.resolve(id.toString()));
  }

  @Test
  void playsItsScript() throws Exception {
    ActivitySpec spec = spec("t000000000001", "run_for=50ms", "exit_code=3", "output=hello");
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
    assertThat(activity.await()).isEqualTo(Exit.of(3));
    assertThat(OutputRecords.read(spec.folder()).getFirst().data()).asString().isEqualTo("hello");
    activity.destroy();
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void failsToStartWhenTold() throws Exception {
    var prepared = driver.prepare(spec("t000000000002", "start_error=no luck"));
    assertThatThrownBy(prepared::start).isInstanceOf(DriverException.class).hasMessage("no luck");
    assertThat(machine.starts(new RunId(new TaskId("t000000000002"), new Epoch(1, 1)))).isZero();
  }

  @Test
  void timeStandsStillWhileSuspended() throws Exception {
    Activity activity = driver.prepare(spec("t000000000003", "run_for=100ms")).start();
    activity.suspend();
    Thread.sleep(200);
    assertThat(activity.state()).isEqualTo(Activity.State.SUSPENDED);
    activity.resume();
    assertThat(activity.await()).isEqualTo(Exit.of(0));
  }

  @Test
  void stopKillsWhatIgnoresIt() throws Exception {
    ActivitySpec spec = spec("t000000000004", "run_for=1000S", "ignore_term");
    driver.prepare(spec).start();
    MockDriver back = new MockDriver("mock", machine);
    Activity found = ((Recovered.Found) back.recover(spec)).activity();
    found.stop(Duration.ofMillis(20));
    assertThat(found.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 137, ""));
    assertThat(machine.running()).isZero();
  }

  @Test
  void refusesUnknownWords() {
    assertThatThrownBy(() -> driver.prepare(spec("t000000000005", "runfor=1s")))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("runfor");
  }
}
