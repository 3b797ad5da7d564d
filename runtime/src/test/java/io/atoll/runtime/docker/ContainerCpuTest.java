package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.runtime.driver.Activity;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@Timeout(120)
class ContainerCpuTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withLiveRestore();

  @TempDir Path folder;

  /// The owner's rules ask five times a second, and must not wait for an engine.
  @Test
  void whatContainersUseIsKnownWithoutTheEngine() throws Exception {
    TestImages.make(ENGINE, "plain:1");
    try (DockerDriver driver = DockerRuns.driver(ENGINE, "cpu")) {
      assertThat(driver.cpuNanos()).isZero();
      DockerRuns runs = new DockerRuns(folder);
      Activity busy = driver.prepare(runs.script("plain:1", "while :; do :; done")).start();
      await().atMost(Duration.ofSeconds(30)).until(() -> driver.cpuNanos() > 300_000_000L);
      long before = driver.cpuNanos();
      await().atMost(Duration.ofSeconds(60)).until(() -> driver.cpuNanos() > before + 500_000_000L);
      long engines = busy.usage().cpuNanos();
      assertThat(driver.cpuNanos()).isBetween(before, engines + 2_000_000_000L);
      busy.destroy();
      assertThat(driver.cpuNanos()).as("what was used stays counted").isGreaterThan(before);
    }
  }
}
