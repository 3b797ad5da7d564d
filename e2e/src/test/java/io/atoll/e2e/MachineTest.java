package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.vm.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Whole virtual machines by the command line: one boots, the next are clones.
///
/// ```
/// atoll ─ HTTP → hub ⇄ provider ─ supervisor ─ QEMU, emulated
///   ssh ───────────── loopback port of the provider ─┘
/// ```
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(2400)
class MachineTest {
  /// For a guest on cores that others use, too.
  private static final Duration PATIENT = Duration.ofMinutes(15);

  @TempDir static Path folder;
  private static Pool pool;
  private static CommandLine cli;
  private static Path key;

  @BeforeAll
  static void start() throws Exception {
    Assumptions.assumeTrue(
        QemuProgram.find("x86_64", List.of()).isPresent(),
        "qemu: qemu-system-x86_64 is not installed");
    Path images = TestImage.images();
    pool = Pool.start(folder, 1, "--vm", "--allow-egress");
    Files.createSymbolicLink(pool.providers.getFirst().dataDir().resolve("vm-images"), images);
    cli =
        new CommandLine(
            DaemonProcess.java(), Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
    key = folder.resolve("key");
    assertThat(
            new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                .start()
                .waitFor())
        .isZero();
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      pool.client.tasks(false, null, 100).tasks().stream()
          .map(task -> task.id().text())
          .forEach(pool.client::stop);
      await().atMost(PATIENT).until(() -> pool.client.tasks(false, null, 1).tasks().isEmpty());
      pool.close();
    }
  }

  @Test
  void aCommandThenAMachineToLogInTo() throws Exception {
    // The first of its size boots from the image, and has a template made of it.
    String first =
        machine("--detach", "--", "/bin/sh", "-c", "echo out; uname -s; echo err >&2; exit 7");
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> task(first).path("detail").asText().startsWith("booting: "));
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> task(first).path("endedAt").isTextual());
    assertThat(task(first).path("exitCode").asInt()).as(task(first).toString()).isEqualTo(7);
    CommandLine.Result logs = cli.run("logs", first);
    assertThat(logs.out()).isEqualTo("out\nLinux\n");
    assertThat(logs.err()).contains("err\n");
    await()
        .atMost(PATIENT)
        .until(() -> Files.readString(pool.providers.getFirst().log()).contains("made in"));

    long began = System.nanoTime();
    String box =
        machine("--hostname", "box", "--ssh-key", key + ".pub", "--name", "box", "--detach");
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> task(box).path("detail").asText().startsWith("ready: "));
    String endpoint = task(box).path("endpoints").path(0).asText();
    assertThat(endpoint).startsWith("22/tcp->127.0.0.1:");
    String port = endpoint.substring(endpoint.lastIndexOf(':') + 1);
    assertThat(ssh(port, "hostname; exit 3")).isEqualTo("box\n3");
    System.out.println(
        "vm: from `atoll run` to a login in a clone: "
            + Duration.ofNanos(System.nanoTime() - began).toMillis()
            + " ms");
    assertThat(cli.run("ps").out()).contains("box", "vm", endpoint, "ready: ");
    assertThat(cli.run("task", "show", "box").out()).contains("machine        box, 1 SSH key");

    assertThat(ssh(port, "echo said on the console | sudo tee /dev/ttyS0 >/dev/null"))
        .isEqualTo("0");
    await()
        .atMost(PATIENT)
        .until(() -> cli.run("logs", "box").out().contains("said on the console"));
    JsonNode stats = cli.run("stats", "--once", "-o", "json", "box").json();
    assertThat(stats.path("cpuNanos").asLong()).isPositive();
    assertThat(stats.path("memory").asLong()).isGreaterThan(50L << 20);

    assertThat(cli.run("suspend", "--wait", "box").status()).isZero();
    pool.providers.getFirst().kill9();
    pool.providers.getFirst().start();
    pool.awaitOnline(1);
    await().atMost(PATIENT).until(() -> task(box).path("state").asText().equals("SUSPENDED"));
    assertThat(cli.run("resume", "--wait", "box").status()).isZero();
    assertThat(task(box).path("endpoints").path(0).asText()).isEqualTo(endpoint);
    assertThat(ssh(port, "hostname")).isEqualTo("box\n0");

    assertThat(cli.run("stop", "box").status()).isZero();
    await().atMost(PATIENT).until(() -> task(box).path("endedAt").isTextual());
    assertThat(task(box).path("state").asText()).isEqualTo("STOPPED");
    assertThat(task(box).path("exitCode").asInt()).as("turned itself off").isZero();
  }

  @Test
  void whatIsNoMachineIsRefusedWithTheReason() throws Exception {
    Path data = Files.writeString(folder.resolve("data"), "#cloud-config\n{}\n");
    CommandLine.Result docker =
        cli.run("run", "--image", "debian:12", "--user-data", data.toString());
    assertThat(docker.status()).isEqualTo(125);
    assertThat(docker.err())
        .contains("userData: driver docker has no virtual machine that could be told")
        .contains("use driver vm");
    CommandLine.Result secret =
        cli.run("run", "--driver", "vm", "--image", "debian-12", "--ssh-key", key.toString());
    assertThat(secret.err()).contains("is a private key", "key.pub");
    CommandLine.Result none = cli.run("run", "--driver", "vm", "--image", "no-such", "--detach");
    assertThat(none.status()).isZero();
    String id = none.word();
    await().atMost(PATIENT).until(() -> task(id).path("endedAt").isTextual());
    assertThat(task(id).path("exitDetail").asText())
        .contains("there is no image 'no-such'", "atoll image build debian-12");
  }

  private static String machine(String... words) throws Exception {
    List<String> all =
        new java.util.ArrayList<>(
            List.of("run", "--driver", "vm", "--image", "debian-12", "--memory", "512M"));
    all.addAll(List.of(words));
    CommandLine.Result said = cli.run(all.toArray(String[]::new));
    assertThat(said.status()).as(said.err()).isZero();
    return said.word();
  }

  private static JsonNode task(String id) throws Exception {
    return cli.run("task", "show", "-o", "json", id).json();
  }

  /// What a command says, and then its status.
  private static String ssh(String port, String command) throws Exception {
    Process process =
        new ProcessBuilder(
                "ssh",
                "-q",
                "-i",
                key.toString(),
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=60",
                "-p",
                port,
                "debian@127.0.0.1",
                command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said + process.exitValue();
  }
}
