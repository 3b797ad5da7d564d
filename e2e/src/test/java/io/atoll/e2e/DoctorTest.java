package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskState;
import io.atoll.core.json.Json;
import io.atoll.e2e.CommandLine.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `doctor` as a process, as root and as a user without any rights.
@Tag("real")
@Timeout(300)
class DoctorTest {
  @TempDir Path temp;

  private static List<JsonNode> checks(JsonNode report, String part) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode check : report.get("checks")) {
      if (check.get("part").asText().equals(part)) {
        found.add(check);
      }
    }
    return found;
  }

  private static String level(JsonNode report, String part, String what) {
    return checks(report, part).stream()
        .filter(check -> check.get("what").asText().equals(what))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + part + ": " + what + " in " + report))
        .get("level")
        .asText();
  }

  /// Every control group of ours, so that a test sees whether one is left.
  private static Set<String> groups() throws Exception {
    Set<String> found = new HashSet<>();
    for (String tree : List.of("/sys/fs/cgroup/atoll", "/sys/fs/cgroup/memory/atoll")) {
      if (Files.isDirectory(Path.of(tree))) {
        try (var folders = Files.newDirectoryStream(Path.of(tree))) {
          folders.forEach(folder -> found.add(folder.toString()));
        }
      }
    }
    return found;
  }

  @Test
  void besideARunningDaemonItDisturbsNothing() throws Exception {
    CommandLine cli = CommandLine.ofThisUser(temp);
    try (Pool pool = Pool.start(temp, 1)) {
      DaemonProcess provider = pool.providers.getFirst();
      String task =
          pool.client
              .create(
                  Requests.process(false, "/bin/sh", "-c", "while :; do echo x; sleep 0.1; done"),
                  UUID.randomUUID().toString())
              .id()
              .text();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> pool.client.task(task).state() == TaskState.RUNNING);
      Set<String> before = groups();
      Set<String> files = names(provider.dataDir());
      Result result = cli.run("doctor", "-o", "json", "--data-dir", provider.dataDir().toString());
      JsonNode report = result.json();
      assertThat(result.status()).as(report.toString()).isZero();
      assertThat(report.get("ready").asBoolean()).isTrue();
      assertThat(report.get("drivers").toString()).contains("process");
      assertThat(level(report, "process", "sandbox")).isEqualTo("OK");
      assertThat(level(report, "dial", "loopback")).isEqualTo("OK");
      assertThat(level(report, "daemon", "api")).isEqualTo("OK");
      assertThat(level(report, "daemon", "ready")).isEqualTo("OK");
      String hub = pool.hub.bound().get("peerId").asText();
      assertThat(level(report, "hubs", "hub " + hub)).isEqualTo("OK");
      assertThat(level(report, "daemon", "session with " + hub)).isEqualTo("OK");
      assertThat(checks(report, "daemon").getFirst().get("cause").asText())
          .contains("process " + provider.pid());
      assertThat(names(provider.dataDir())).isEqualTo(files);
      assertThat(before.containsAll(groups()) || groups().size() <= before.size()).isTrue();
      assertThat(pool.client.task(task).state()).isEqualTo(TaskState.RUNNING);
      assertThat(pool.client.task(task).events())
          .filteredOn(event -> event.type().equals("run.placed"))
          .hasSize(1);
      pool.client.stop(task);
      await().atMost(Duration.ofSeconds(30)).until(() -> pool.client.task(task).state().ended());
      // A hub that is down is told, and is no fault of this machine.
      pool.hub.close();
      Result without = cli.run("doctor", "-o", "json", "--data-dir", provider.dataDir().toString());
      assertThat(level(without.json(), "hubs", "hub " + hub)).isEqualTo("LIMITED");
      assertThat(without.status()).isZero();
    }
  }

  private static Set<String> names(Path folder) throws Exception {
    Set<String> names = new HashSet<>();
    try (var files = Files.newDirectoryStream(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  @Test
  void anEngineThatHangsCostsSecondsOnly() throws Exception {
    Path socket = temp.resolve("docker.sock");
    try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      CommandLine cli =
          CommandLine.ofThisUser(temp)
              .with("ATOLL_DOCKER_SOCKET", socket.toString())
              .with("ATOLL_DATA_DIR", temp.resolve("data").toString());
      Result result = cli.run("doctor", "-o", "json");
      assertThat(level(result.json(), "docker", "engine")).isEqualTo("MISSING");
      assertThat(result.json().toString()).contains("did not answer within", "restart");
      assertThat(result.took()).isLessThan(Duration.ofSeconds(12));
      assertThat(result.status()).as("the process driver works").isZero();
      assertThat(temp.resolve("data")).doesNotExist();
    }
  }

  @Test
  void aUserWithoutRightsIsToldEachMissingLimit() throws Exception {
    try (Stranger stranger = new Stranger()) {
      CommandLine cli = stranger.commands();
      Result result = cli.run("doctor", "-o", "json");
      JsonNode report = result.json();
      assertThat(result.status()).as(report.toString()).isZero();
      assertThat(level(report, "process", "sandbox")).isEqualTo("OK");
      assertThat(level(report, "process", "own user")).isEqualTo("LIMITED");
      if (Stranger.isRoot()) { // else this user may have been given groups
        for (String limit : List.of("memory limit", "cpu limit", "process limit", "suspend")) {
          assertThat(level(report, "process", limit)).as(limit).isEqualTo("LIMITED");
        }
      }
      for (JsonNode check : report.get("checks")) {
        if (!check.get("level").asText().equals("OK")) {
          assertThat(check.get("remedy").asText()).as(check.toString()).isNotEmpty();
        }
      }
      Result text = cli.run("doctor");
      assertThat(text.out()).contains("LIMITED  own user", "→ ", "A provider can run tasks here");
      if (Stranger.isRoot()) {
        Result closed = cli.run("doctor", "--data-dir", "/root/atoll-none");
        assertThat(closed.status()).isEqualTo(1);
        assertThat(closed.out()).contains("MISSING  write", "--data-dir");
      }
    }
  }

  @Test
  void aProviderOfAUserWithoutRightsRunsSandboxedTasks() throws Exception {
    try (Stranger stranger = new Stranger();
        Pool pool = Pool.start(temp, 0)) {
      CommandLine cli = stranger.commands();
      CommandLine hub =
          CommandLine.ofThisUser(temp).with("ATOLL_DATA_DIR", pool.hub.dataDir().toString());
      String invite = hub.run("invite", "create", "-q").word();
      Process up =
          cli.start(
              "up",
              "--provider",
              "-o",
              "json",
              "--api",
              "127.0.0.1:0",
              "--listen",
              "/ip4/127.0.0.1/tcp/0",
              "--join",
              invite);
      try {
        String ready = new BufferedReader(new InputStreamReader(up.getInputStream())).readLine();
        assertThat(ready).isNotNull();
        assertThat(Json.mapper().readTree(ready).get("dataDir").asText())
            .isEqualTo(stranger.home().resolve("data").toString());
        pool.awaitOnline(1);
        Result run = hub.run("run", "--", "/bin/sh", "-c", "echo hello; exit 3");
        assertThat(run.out()).as(run.err()).isEqualTo("hello\n");
        assertThat(run.status()).isEqualTo(3);
        assertThat(pool.client.nodes().getFirst().missing()).isNotEmpty();
        assertThat(cli.run("hub", "list", "-o", "json").json()).hasSize(1);
      } finally {
        up.destroy();
        assertThat(up.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(up.exitValue()).isZero();
      }
    }
  }
}
