package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.json.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a hub tells of a provider's machine is what that machine says of itself, and comes to
/// an end whatever the provider does.
@Tag("real")
@Timeout(300)
class ProviderInformationTest {
  @TempDir Path temp;
  private final HttpClient http = HttpClient.newHttpClient();
  private Pool pool;
  private CommandLine cli;

  @BeforeEach
  void start() throws Exception {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    pool = Pool.start(temp, 1, "--allow-unsandboxed", "--share-memory", "256M");
    cli = CommandLine.ofThisUser(temp).with("ATOLL_DATA_DIR", pool.hub.dataDir().toString());
  }

  @AfterEach
  void stop() {
    http.close();
    pool.close();
  }

  private HttpResponse<String> answer(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(pool.hub.api() + path))
            .header("Authorization", "Bearer " + pool.hub.key())
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = answer(path);
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return Json.mapper().readTree(answer.body());
  }

  @Test
  void theMachineIsReadWhereItStands() throws Exception {
    String id = pool.client.node("p1").id().text();
    JsonNode cpu = get("/peers/" + id + "/inf/cpu");
    assertThat(cpu.get("threads").asInt()).isEqualTo(processors());
    int pairs = pairs().size();
    if (pairs > 0) {
      assertThat(cpu.get("cores").asInt()).isEqualTo(pairs);
    }
    if (System.getProperty("os.arch").equals("amd64")) {
      assertThat(cpu.get("architecture").asText()).isEqualTo("x86");
      assertThat(cpu.get("bit")).hasToString("[32,64]");
    }
    JsonNode mem = get("/peers/p1/inf/mem");
    assertThat(mem.get("total").asDouble()).isCloseTo(installed(), within(0.001));
    double share = 256_000_000.0 / (1 << 30);
    assertThat(mem.get("gib").asDouble()).isCloseTo(share, within(0.001));
    double free = Files.getFileStore(pool.providers.getFirst().dataDir()).getUsableSpace();
    assertThat(get("/peers/p1/inf/storage").get("gib").asDouble())
        .isBetween(0.001, free / (1 << 30));
    Path release = Path.of("/etc/os-release");
    if (Files.exists(release)) {
      assertThat(Files.readString(release)).contains(get("/peers/p1/inf/os").get("name").asText());
    }
    assertThat(get("/peers/p1/inf/usage").get("cpu").asDouble()).isBetween(0.0, 1.0);
    assertThat(get("/peers/p1/hardware").get("num_cores")).isEqualTo(cpu.get("cores"));
    assertThat(get("/api/v1/nodes/p1/inf/cpu")).isEqualTo(cpu);

    CommandLine.Result info = cli.run("node", "info", "p1", "-o", "json");
    assertThat(info.status()).as(info.err()).isZero();
    assertThat(info.json().get("machine").get("cpu")).isEqualTo(cpu);
  }

  @Test
  void whoWorksIsNotUnused() throws Exception {
    JsonNode unused = get("/peers?unused=true");
    assertThat(unused).hasSize(1);
    assertThat(unused.get(0).get("nodeName").asText()).isEqualTo("p1");
    assertThat(unused.get(0).get("peerAddr").asText()).startsWith("127.0.0.1:");
    TaskView task =
        pool.client.create(Requests.process(true, "sleep", "600"), UUID.randomUUID().toString());
    String id = task.id().text();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> pool.client.task(id).state() == TaskState.RUNNING);
    assertThat(get("/peers?unused=true")).isEmpty();
    assertThat(get("/peers")).hasSize(1);
    JsonNode tasks = get("/peers/p1/inf/tasks");
    assertThat(tasks.get("tasks").get(0).get("id").asText()).isEqualTo(id);
    assertThat(tasks.get("tasks").get(0).get("state").asText()).isEqualTo("RUNNING");
    assertThat(get("/peers/p1").get("sessions").get(0).get("status").asText()).isEqualTo("running");
    pool.client.stop(id);
    await().atMost(Duration.ofSeconds(60)).until(() -> get("/peers?unused=true").size() == 1);
  }

  /// The provider of a hub's own daemon is a provider like any other.
  @Test
  void aDaemonOfBothRolesTellsOfItself() throws Exception {
    List<String> loopback =
        List.of("--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/0", "--name", "both");
    try (DaemonProcess both = new DaemonProcess(temp.resolve("both"), loopback).start()) {
      CommandLine there = cli.with("ATOLL_DATA_DIR", both.dataDir().toString());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> there.run("node", "info", "both", "-q").status() == 0);
      CommandLine.Result info = there.run("node", "info", "both", "-o", "json");
      assertThat(info.status()).as(info.err()).isZero();
      assertThat(info.json().get("machine").get("cpu").get("threads").asLong())
          .isEqualTo(processors());
      HttpRequest peers =
          HttpRequest.newBuilder(URI.create(both.api() + "/peers?unused=true"))
              .header("Authorization", "Bearer " + both.key())
              .build();
      JsonNode listed = Json.mapper().readTree(http.send(peers, BodyHandlers.ofString()).body());
      assertThat(listed).hasSize(1);
      assertThat(listed.get(0).get("nodeName").asText()).isEqualTo("both");
      assertThat(listed.get(0).get("peerAddr").asText()).startsWith("127.0.0.1:");
    }
  }

  @Test
  void oneThatStandsStillAndOneThatIsGoneAreTold() throws Exception {
    assertThat(get("/peers/p1/inf/cpu").get("threads").asInt()).isPositive();
    DaemonProcess provider = pool.providers.getFirst();
    provider.freeze();
    try {
      long began = System.nanoTime();
      HttpResponse<String> still = answer("/peers/p1/inf/cpu");
      assertThat(still.statusCode()).as(still.body()).isEqualTo(504);
      assertThat(still.body()).contains("TIMEOUT", "was read last");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    } finally {
      provider.thaw();
    }
    pool.awaitOnline(1);
    provider.close();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> answer("/peers/p1/inf/mem").statusCode() == 503);
    assertThat(answer("/peers/p1/inf/mem").body()).contains("UNREACHABLE", "was read last");
    assertThat(answer("/peers/nobody/inf/mem").statusCode()).isEqualTo(404);
    CommandLine.Result gone = cli.run("node", "info", "p1");
    assertThat(gone.status()).isEqualTo(8);
    assertThat(gone.err()).contains("p1 is not connected", "hint: ");
  }

  private static long processors() throws Exception {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.matches("processor\\s*:\\s*[0-9]+"))
        .count();
  }

  /// Package and core of each processor, where the kernel tells both.
  private static Set<String> pairs() throws Exception {
    Set<String> pairs = new HashSet<>();
    String physical = "";
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("physical id")) {
        physical = line;
      } else if (line.startsWith("core id")) {
        pairs.add(physical + line);
      }
    }
    return pairs;
  }

  /// GiB.
  private static double installed() throws Exception {
    String total =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemTotal:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(total.replaceAll("\\D", "")) / (double) (1 << 20);
  }
}
