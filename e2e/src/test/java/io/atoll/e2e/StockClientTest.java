package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskView;
import io.atoll.core.testing.OwnNetwork;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A telephone with stock WireGuard joins a network by the configuration that it is given, and
/// fetches from a task; its door is the hub, or a provider.
///
/// ```
///   phone ── WireGuard ── hub or p1 ── WireGuard ── p2 ── web
/// ```
/// The phone is in a namespace of its own (`src/test/sh/phone.sh` draws it).
@Tag("real")
@Timeout(240)
class StockClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path SCRIPTS = Path.of("src/test/sh").toAbsolutePath();

  @TempDir Path folder;
  private Pool pool;
  private CommandLine cli;

  @BeforeEach
  void start() throws Exception {
    OwnNetwork.require(
        "command -v wireguard-go && command -v wg-quick && command -v curl && command -v ping"
            + " && command -v python3 && ip tuntap add dev t0 mode tun",
        "a stock client needs wireguard-go, wg-quick, curl, ping, python3 and /dev/net/tun (apt:"
            + " wireguard-go wireguard-tools curl iputils-ping python3), and a system that lets"
            + " users make namespaces");
    pool = Pool.start(folder, 2);
    cli =
        new CommandLine(
            DaemonProcess.java(), Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
  }

  @AfterEach
  void stop() {
    if (pool == null) {
      return;
    }
    for (TaskView task : pool.client.tasks(false, null, 100).tasks()) {
      pool.client.stop(task.id().text());
      pool.client.task(task.id().text(), PATIENCE);
    }
    pool.close();
  }

  private String done(String... words) throws Exception {
    CommandLine.Result result = cli.run(words);
    assertThat(result.status()).as(result.err()).isZero();
    return result.word();
  }

  /// @return its addresses
  private TaskAddress web() throws Exception {
    String task =
        done(
            "run",
            "--detach",
            "--name",
            "web",
            "--node",
            "p2",
            "--net",
            "mynet",
            "--memory",
            "64Mi",
            "--cpus",
            "0.1",
            "--grace",
            "1s",
            "--",
            "/usr/bin/perl",
            "-e",
            TaskNetworkTest.SERVER);
    await().atMost(PATIENCE).until(() -> pool.written(task).contains("listening"));
    return pool.client.task(task).addresses().getFirst();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "p1"})
  void aPhoneFetchesFromATaskUntilItIsRemoved(String door) throws Exception {
    done("net", "create", "mynet");
    TaskAddress web = web();
    Path config = folder.resolve("phone.conf");
    List<String> invite = new ArrayList<>(List.of("net", "invite-device", "mynet", "phone"));
    invite.addAll(List.of("--save", config.toString()));
    if (!door.isEmpty()) {
      invite.addAll(List.of("--door", door));
    }
    done(invite.toArray(String[]::new));
    assertThat(done("net", "devices", "mynet")).contains("phone", door.isEmpty() ? "hub" : door);
    assertThat(done("net", "members", "mynet")).contains("phone", "device");

    Path said = folder.resolve("said");
    Process wire = wire(config);
    try {
      CompletableFuture<String> phone = phone(said, web);
      await()
          .atMost(PATIENCE.multipliedBy(2))
          .until(
              () ->
                  phone.isDone()
                      || (Files.exists(said) && Files.readString(said).contains("by name")));
      done("net", "remove-device", "mynet", "phone");
      Files.createFile(folder.resolve("removed"));
      String all = phone.get();
      System.out.println(all);
      assertThat(all.lines())
          .containsSubsequence(
              "good: ping, IPv4",
              "good: ping, the gateway",
              "good: ping, IPv6",
              "good: fetch by address",
              "good: fetch by name",
              "good: cut off",
              "good: no handshake",
              "done");
    } finally {
      wire.destroy();
    }
    assertThat(done("net", "members", "mynet", "-q")).isEqualTo("web.mynet.internal");
  }

  /// This machine's end of the wire to the phone.
  private Process wire(Path config) throws Exception {
    String endpoint =
        Files.readAllLines(config).stream()
            .filter(line -> line.startsWith("Endpoint = "))
            .map(line -> line.substring("Endpoint = ".length()))
            .findFirst()
            .orElseThrow();
    int colon = endpoint.lastIndexOf(':');
    return new ProcessBuilder(
            "python3",
            SCRIPTS.resolve("wire.py").toString(),
            "door",
            folder.toString(),
            endpoint.substring(0, colon),
            endpoint.substring(colon + 1))
        .inheritIO()
        .start();
  }

  private CompletableFuture<String> phone(Path said, TaskAddress web) {
    List<String> words =
        List.of(folder.toString(), web.host(), web.v4().toString(), web.v6().toString());
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return OwnNetwork.run(
                said, Duration.ofSeconds(200), SCRIPTS.resolve("phone.sh"), words);
          } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}
