package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `atoll suspend`, `resume` and `stats` through the whole system, with a payload that counts.
@Tag("real")
@Timeout(180)
class SuspendTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir static Path folder;
  private static Pool pool;
  private static CommandLine cli;

  @BeforeAll
  static void start() throws Exception {
    TestImages.make(ENGINE, "busy:1");
    pool = Pool.start(folder, 1, "--docker-socket", ENGINE.address().getPath());
    cli =
        new CommandLine(
            DaemonProcess.java(), Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void standsStillOverKillsOfBothDaemonsAndLosesNoStep(String driver) throws Exception {
    String id = submit(driver);
    CommandLine.Result suspended = cli.run("suspend", "--wait", id);
    assertThat(suspended.status()).as(suspended.err()).isZero();
    assertThat(cli.run("ps").out()).contains("SUSPENDED");
    long before = counted(id);
    pool.hub.kill9();
    pool.providers.getFirst().kill9();
    pool.hub.start();
    pool.providers.getFirst().start();
    pool.awaitOnline(1);
    Thread.sleep(1500);
    assertThat(state(id)).isEqualTo(TaskState.SUSPENDED);
    assertThat(counted(id)).isEqualTo(before);

    assertThat(cli.run("resume", "--wait", id).status()).isZero();
    await().atMost(Duration.ofSeconds(10)).until(() -> counted(id) > before + 3);
    pool.client.stop(id);
    ended(id);
    String[] lines = pool.output(id).strip().split("\n");
    for (int i = 0; i < lines.length; i++) {
      assertThat(lines[i]).isEqualTo(Integer.toString(i + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void statsTellWhatIsUsedAndThatASuspendedTaskUsesNoProcessor(String driver) throws Exception {
    String id = submit(driver);
    JsonNode running = cli.run("stats", "--once", "-o", "json", id).json();
    assertThat(running.get("cpuNanos").asLong()).isPositive();
    assertThat(running.get("memory").asLong()).isBetween(4096L, 64L << 20);
    assertThat(running.get("disk").asLong()).isLessThan(1 << 20);
    assertThat(running.get("memoryLimit").asLong()).isEqualTo(64L << 20);
    assertThat(cli.run("stats", "--once").out()).contains(id).contains("%");
    assertThat(cli.run("suspend", "-w", id).status()).isZero();
    TaskStats still = pool.client.stats(id);
    Thread.sleep(500);
    TaskStats later = pool.client.stats(id);
    assertThat(later.cpuNanos()).isEqualTo(still.cpuNanos());
    assertThat(later.output()).isEqualTo(still.output());
    pool.client.stop(id);
    ended(id);
    assertThat(pool.client.stats(id).ended()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aSuspendedTaskThatIsStoppedEndsAsAsked(String driver) throws Exception {
    String id = submit(driver);
    assertThat(cli.run("suspend", "-w", id).status()).isZero();
    assertThat(cli.run("stop", "--wait", id).status()).isZero();
    TaskView task = pool.client.task(id);
    assertThat(task.state()).isEqualTo(TaskState.STOPPED);
    assertThat(task.exitCode()).isEqualTo(33); // its own handler of SIGTERM ran
    assertThat(cli.run("suspend", id).status()).isEqualTo(5);
  }

  private static String submit(String driver) throws Exception {
    String[] script = {
      "/bin/sh", "-c", "trap 'exit 33' TERM; i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done"
    };
    TaskRequest request =
        Requests.task(driver, driver.equals("docker") ? "busy:1" : null, null, false, script);
    String id = pool.client.create(request, UUID.randomUUID().toString()).id().text();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> state(id) == TaskState.RUNNING && counted(id) > 2);
    return id;
  }

  private static TaskState state(String id) {
    return pool.client.task(id).state();
  }

  private static void ended(String id) {
    await().atMost(Duration.ofSeconds(30)).until(() -> state(id).ended());
  }

  /// How far it has counted.
  private static long counted(String id) throws Exception {
    String output = pool.written(id).strip();
    return output.isEmpty() ? 0 : Long.parseLong(output.substring(output.lastIndexOf('\n') + 1));
  }
}
