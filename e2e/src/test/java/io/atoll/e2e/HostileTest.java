package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.microvm.TestGuests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Hostile payloads under each driver, through the whole system: they neither get out nor take
/// more than they may, end when they are told to, and leave nothing; a task beside them goes on.
///
/// ```
/// hub ⇄ provider ─┬─ process ─ the neighbour
///                 ├─ process ┐
///                 ├─ docker  ├ one attack at a time; the attempts to get out all at once
///                 ├─ microvm │
///                 └─ vm ─────┘
/// ```
///
/// How calm the machine stays is `./dev bench hostile`: `-Datoll.fuzz.rounds=N` plays every attack
/// N times by itself, at full size, on a machine that does nothing else;
/// `-Datoll.hostile.driver=vm` attacks one driver alone.
@Tag("real")
@Timeout(3600)
@EnabledOnOs(OS.LINUX)
class HostileTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir Path folder;
  private Pool pool;
  private List<HostileGuest> guests = List.of();

  private void start() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    TestGuests.settings(folder.resolve("guest")); // makes what guests boot
    pool =
        Pool.start(
            folder.resolve("pool"),
            1,
            "--docker-socket",
            ENGINE.address().getPath(),
            "--microvm",
            "--vm",
            "--share-cpus",
            "8");
    Machines.offer(pool);
    String image = REGISTRY.name("hostile:1");
    TestImages.make(ENGINE, image);
    ENGINE.docker("push", "-q", image);
    int everywhere = 4 * Attack.MOST_FILLED_MIB;
    // A sandbox's folder is measured once a second. A container's files are not limited, and the
    // engine keeps the newest 3 x 64 MB of its output.
    guests =
        List.of(
            new HostileGuest("process", "", false, 64, 16, 16, Attack.MOST_FILLED_MIB, 80),
            new HostileGuest("docker", image, false, 64, 32, 16, everywhere, 80 + 200),
            new HostileGuest("microvm", image, true, 128, 256, 16, 0, 80),
            new HostileGuest("vm", Machines.IMAGE, true, 512, 448, 4096, 2 * everywhere, 80));
    String only = System.getProperty("atoll.hostile.driver", "");
    guests = guests.stream().filter(guest -> guest.driver().startsWith(only)).toList();
    for (HostileGuest guest : guests) {
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> pool.client.nodes().getFirst().drivers().contains(guest.driver()));
    }
    Machines.warm(pool);
  }

  @AfterEach
  void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  @Test
  void nothingGetsOutTakesMoreOrStays() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 0);
    List<HostileRound.Outcome> all = new ArrayList<>();
    start();
    try (Canary canary = new Canary(folder.resolve("canary"));
        Neighbour neighbour = new Neighbour(pool);
        Latency waking = Latency.ofWaking();
        Latency api = Latency.of(() -> pool.client.task(neighbour.id()))) {
      await().atMost(Duration.ofMinutes(1)).until(() -> neighbour.done() > 10);
      HostileRound round =
          new HostileRound(
              pool,
              ENGINE,
              folder.resolve("pool"),
              canary,
              neighbour,
              waking,
              api,
              rounds > 0 ? 10 : 2,
              rounds > 0 ? 1_000_000_000 : 100_000_000);
      List<Attack> escapes = Arrays.stream(Attack.values()).filter(Attack::isEscape).toList();
      for (HostileGuest guest : guests) {
        all.add(played(round.play(guest, escapes)));
      }
      for (int i = 0; i < Math.max(1, rounds); i++) {
        for (HostileGuest guest : guests) {
          for (Attack attack : Attack.values()) {
            if (rounds > 0 || !attack.isEscape()) {
              all.add(played(round.play(guest, List.of(attack))));
            }
          }
        }
      }
    }
    System.out.println(HostileRound.Outcome.HEAD);
    all.forEach(outcome -> System.out.println(outcome.line()));
    System.out.println(
        all.stream().filter(HostileRound.Outcome::isCalm).count()
            + " of "
            + all.size()
            + " calm: a thread wakes 25 ms late at most at p99, the API takes 100 ms at most at"
            + " p99, the neighbour keeps 0.3 of its rate");
    assertThat(all).allMatch(outcome -> outcome.wrong().isEmpty());
    // Other tests share the machine: these bounds only find what is starved.
    assertThat(all).allMatch(outcome -> outcome.api().quantile(0.5) < 1000);
    assertThat(all).allMatch(outcome -> outcome.rate() > 0.02);
  }

  private static HostileRound.Outcome played(HostileRound.Outcome outcome) {
    System.out.println(outcome.line());
    return outcome;
  }

  /// The attempts are real, and so is the witness: without a sandbox they work and are seen.
  @Test
  void withoutASandboxTheyGetOut() throws Exception {
    for (Attack attack : List.of(Attack.HOST_NETWORK, Attack.PTRACE)) {
      try (Canary canary = new Canary(folder.resolve(attack.name()))) {
        assertThat(canary.changes()).isEmpty();
        Path here = Files.createDirectory(folder.resolve("of-" + attack));
        String script = attack.script(canary, 0).replace("/tmp", here.toString());
        Process free = new ProcessBuilder("/bin/sh", "-c", script).start();
        String said = new String(free.getInputStream().readAllBytes(), UTF_8);
        assertThat(free.waitFor()).as(said).isZero();
        assertThat(said).contains("WORKED host ", "WORKED kernel ", "\nend\n");
        assertThat(canary.changes()).isNotEmpty();
      }
    }
  }
}
