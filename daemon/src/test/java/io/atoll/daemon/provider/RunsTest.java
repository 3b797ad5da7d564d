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
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTest {
  private static final RunId RUN = new RunId(new TaskId("t0123456789ab"), new Epoch(1, 1));
  private static final Workload WORKLOAD =
      new Workload(
          "mock",
          null,
          List.of("exit_code=3"),
          Map.of(),
          new Resources(100, 1 << 20, 0),
          1,
          List.of(),
          false,
          Workload.Isolation.SANDBOX);

  @TempDir Path temp;
  private final MockDriver driver = new MockDriver("mock", new MockMachine());
  private final CountDownLatch ended = new CountDownLatch(1);

  @Test
  void aDroppedRunIsRemovedByItsDriver() throws Exception {
    Runs runs = started();
    runs.drop(RUN.task(), WORKLOAD);
    await().until(() -> Files.notExists(runs.folder(RUN)));
    assertThat(driver.recover(new ActivitySpec(RUN, WORKLOAD, runs.folder(RUN))))
        .isInstanceOf(Recovered.NeverStarted.class);
  }

  @Test
  void aDroppedRunOfWhichNothingIsRememberedLosesItsFolder() throws Exception {
    Runs runs = started();
    runs.drop(RUN.task(), null);
    await().until(() -> Files.notExists(runs.folder(RUN)));
  }

  private Runs started() throws InterruptedException {
    Runs runs = new Runs(Map.of("mock", driver), temp, "here", new Told());
    runs.start(new Order(RUN, WORKLOAD, Desired.RUN, 1, 0, 0, new Authority("k", List.of()), "{}"));
    ended.await();
    return runs;
  }

  private final class Told implements ActivityRunner.Listener {
    @Override
    public void recovered(RunId run, boolean found) {}

    @Override
    public void starting(RunId run, String detail) {}

    @Override
    public void unavailable(String name) {}

    @Override
    public void running(RunId run, @Nullable Instant startedAt, List<Endpoint> endpoints) {}

    @Override
    public void detail(RunId run, String detail) {}

    @Override
    public void suspended(RunId run, boolean suspended, boolean deep, List<Endpoint> endpoints) {}

    @Override
    public void exited(RunId run, Exit exit, @Nullable Instant endedAt) {
      ended.countDown();
    }
  }
}
