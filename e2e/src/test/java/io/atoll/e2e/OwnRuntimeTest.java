package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.os.Children;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A runtime that its owner named, as a user meets it: the example of this checkout.
@Tag("real")
@Timeout(240)
@EnabledOnOs(OS.LINUX)
class OwnRuntimeTest {
  private static final Path PROGRAM =
      DaemonProcess.ROOT.resolve("examples/runtime/plain.py").normalize();

  @TempDir static Path folder;
  private static DaemonProcess daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon =
        new DaemonProcess(
            folder.resolve("data"),
            List.of(
                "--api",
                "127.0.0.1:0",
                "--listen",
                "/ip4/127.0.0.1/tcp/0",
                "--allow-unsandboxed",
                "--runtime",
                "plain=" + PROGRAM,
                "--runtime",
                "gone=/no/such/runtime"));
    daemon.start();
    awaitOffered();
  }

  private static void awaitOffered() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> cli().run("node", "list", "-o", "json").out().contains("\"plain\""));
  }

  @AfterAll
  static void stop() throws Exception {
    daemon.close();
    boolean _ = Children.signal(runtimePid(), Children.SIGKILL);
  }

  private static int runtimePid() throws Exception {
    return Integer.parseInt(
        Files.readString(daemon.dataDir().resolve("runtimes/plain/pid")).strip());
  }

  private static CommandLine cli() throws Exception {
    return new CommandLine(
        DaemonProcess.java(), Map.of("ATOLL_HUB", daemon.api(), "ATOLL_KEY", daemon.key()));
  }

  @Test
  void aTaskHasItsOutputAndExitCode() throws Exception {
    CommandLine.Result said =
        cli()
            .run(
                "run",
                "--driver",
                "plain",
                "--unsandboxed",
                "--",
                "sh",
                "-c",
                "echo $ATOLL_NODE; exit 9");
    assertThat(said.err()).doesNotContain("atoll:");
    assertThat(said.out().strip()).isNotEmpty();
    assertThat(said.status()).isEqualTo(9);
  }

  @Test
  void whatItCannotDoIsSaid() throws Exception {
    CommandLine.Result boxed = cli().run("run", "--driver", "plain", "--", "echo", "x");
    assertThat(boxed.status()).isNotZero();
    assertThat(boxed.err()).contains("keeps payloads in no sandbox", "--unsandboxed");
    CommandLine.Result unknown = cli().run("run", "--driver", "plian", "--", "echo", "x");
    assertThat(unknown.err()).contains("no driver 'plian'", "did you mean 'plain'?");
  }

  @Test
  void aRunOutlivesTheDaemonAndItsRuntime() throws Exception {
    String script = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 4";
    String id =
        cli()
            .run(
                "run",
                "--detach",
                "-q",
                "--driver",
                "plain",
                "--unsandboxed",
                "--",
                "sh",
                "-c",
                script)
            .word();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> cli().run("logs", id).out().contains("10\n"));
    daemon.kill9();
    boolean _ = Children.signal(runtimePid(), Children.SIGKILL);
    daemon.start();
    CommandLine.Result followed = cli().run("logs", "--follow", id);
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 300; i++) {
      expected.append(i).append('\n');
    }
    assertThat(followed.out()).isEqualTo(expected.toString());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                cli().run("task", "show", id, "-o", "json").json().path("exitCode").asInt(-1) == 4);
    awaitOffered();
  }

  @Test
  void doctorTriesItAndSaysWhatIsWrong() throws Exception {
    CommandLine doctor =
        CommandLine.ofThisUser(folder)
            .with("ATOLL_DATA_DIR", folder.resolve("doctor").toString())
            .with("ATOLL_RUNTIME", "plain=" + PROGRAM + " gone=/no/such/runtime");
    // On a machine that is busy with other tests its trials may run out of time.
    await()
        .atMost(Duration.ofSeconds(180))
        .untilAsserted(
            () -> {
              CommandLine.Result said = doctor.run("doctor", "-o", "json");
              assertThat(said.json().path("drivers").toString())
                  .contains("\"plain\"")
                  .doesNotContain("\"gone\"");
              assertThat(said.out())
                  .contains("there is no program /no/such/runtime", "it has none");
            });
    assertThat(ProcessHandle.allProcesses().map(p -> p.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains("plain.py") && line.contains("doctor"));
  }

  @Test
  void otherDriversGoOnBesideOneThatIsNotThere() throws Exception {
    assertThat(cli().run("node", "list", "-o", "json").out()).doesNotContain("\"gone\"");
    assertThat(cli().run("run", "--driver", "process", "--", "echo", "fine").out())
        .isEqualTo("fine\n");
  }
}
