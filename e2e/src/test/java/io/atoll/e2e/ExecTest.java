package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskState;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `atoll exec` from a terminal to a sandbox and a container.
@Tag("real")
@Timeout(180)
class ExecTest {
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
      var left = pool.client.tasks(false, null, 100).tasks();
      left.forEach(task -> pool.client.stop(task.id().text()));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> pool.client.tasks(false, null, 1).tasks().isEmpty());
      pool.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void hasStreamsVariablesAndExitCode(String driver) throws Exception {
    String id = submit(driver);
    CommandLine.Result said =
        cli.run("exec", "-e", "A=b c", id, "--", "/bin/sh", "-c", "echo $A; echo e >&2; exit 9");
    assertThat(said.out()).isEqualTo("b c\n");
    assertThat(said.err()).isEqualTo("e\n");
    assertThat(said.status()).isEqualTo(9);
    assertThat(cli.run("exec", id, "--", "/no/such").status()).isIn(126, 127);
    pool.client.stop(id);
    await().until(() -> pool.client.task(id).state().ended());
    assertThat(cli.run("exec", id, "--", "/bin/true").status()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void anOpenSessionGoesOnAfterBothDaemonsWereKilled(String driver) throws Exception {
    String id = submit(driver);
    Path out = folder.resolve(driver + ".out");
    String script =
        "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; sleep 0.004; done; read x; echo $x";
    Process session = cli.with("A", "b").start("exec", "-i", id, "--", "/bin/sh", "-c", script);
    Thread copy = Thread.ofVirtual().start(() -> write(session, out));
    await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(out) && Files.size(out) > 500);
    pool.providers.getFirst().kill9();
    pool.providers.getFirst().start();
    pool.hub.kill9();
    pool.hub.start();
    pool.awaitOnline(1);
    session.getOutputStream().write("typed\n".getBytes(UTF_8));
    session.getOutputStream().flush();
    assertThat(session.waitFor(90, TimeUnit.SECONDS)).isTrue();
    copy.join();
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 2000; i++) {
      expected.append(i).append('\n');
    }
    assertThat(Files.readString(out)).isEqualTo(expected + "typed\n");
    assertThat(session.exitValue()).isZero();
  }

  @Test
  void aTerminalIsPutBackAsItWas() throws Exception {
    String id = submit("process");
    // `script` gives the command line a terminal, and shows its settings before and after.
    String command = String.join(" ", quoted(DaemonProcess.java())) + " io.atoll.daemon.Main";
    String inside =
        "stty -g; stty rows 40 cols 90; "
            + command
            + " exec -it "
            + id
            + " -- /bin/sh -c 'stty size; tty; exit 6'; echo status $?; stty rows 0 cols 0; stty -g";
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", "/bin/sh -c \"$INSIDE\"", "/dev/null");
    builder.environment().put("INSIDE", inside);
    builder.environment().put("ATOLL_HUB", pool.hub.api());
    builder.environment().put("ATOLL_KEY", pool.hub.key());
    Process process = builder.redirectErrorStream(true).start();
    Thread.sleep(100);
    String text = new String(process.getInputStream().readAllBytes(), UTF_8).replace("\r", "");
    String[] lines = text.strip().split("\n");
    assertThat(text).contains("40 90\n", "/dev/pts/", "status 6");
    assertThat(lines[lines.length - 1]).as(text).isEqualTo(lines[0]);
  }

  private static String[] quoted(java.util.List<String> words) {
    return words.stream().map(word -> "'" + word + "'").toArray(String[]::new);
  }

  private static void write(Process session, Path out) {
    try (var file = Files.newOutputStream(out)) {
      byte[] buffer = new byte[4096];
      int n;
      while ((n = session.getInputStream().read(buffer)) >= 0) {
        file.write(buffer, 0, n);
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String submit(String driver) throws Exception {
    String id =
        pool.client
            .create(
                Requests.task(
                    driver,
                    driver.equals("docker") ? "busy:1" : null,
                    null,
                    false,
                    "/bin/sh",
                    "-c",
                    "trap 'exit 0' TERM; while :; do sleep 0.1; done"),
                UUID.randomUUID().toString())
            .id()
            .text();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> pool.client.task(id).state() == TaskState.RUNNING);
    return id;
  }
}
