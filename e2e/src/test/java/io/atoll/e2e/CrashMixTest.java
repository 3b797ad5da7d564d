package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.crash.CrashPoint;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.microvm.TestGuests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Kill -9 of the provider, at the points of a run and at random, over tasks of every driver: none
/// is lost, none begins twice, nothing is left, and who follows an output or has a command open
/// misses nothing. `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`, or `./dev soak crash-mix`.
@Tag("real")
@Timeout(3600)
@EnabledOnOs(OS.LINUX)
class CrashMixTest {
  private static final List<CrashPoint> POINTS =
      List.of(
          CrashPoint.RUN_PREPARING,
          CrashPoint.RUN_PREPARED,
          CrashPoint.RUN_STARTED,
          CrashPoint.RUN_ENDED,
          CrashPoint.PROVIDER_DECIDED,
          CrashPoint.PROVIDER_JOURNALLED,
          CrashPoint.PROVIDER_ACTED);

  /// Of so many rounds, one waits for a machine: to begin takes one longer than a round.
  private static final int SLOW = 4;

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir Path folder;

  private final Map<String, Integer> kills = new TreeMap<>();

  @Test
  void nothingIsLostDoubledOrLeftBehind() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 2);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("crash rounds over all drivers: " + rounds + ", seed " + seed);
    Random random = new Random(seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    TestGuests.settings(folder.resolve("guest")); // makes what guests boot
    String image = REGISTRY.name("mix:1");
    TestImages.make(ENGINE, image);
    ENGINE.docker("push", "-q", image);
    List<MixedLoad.Kind> kinds =
        List.of(
            new MixedLoad.Kind("process", "", true, "0.1", "16Mi", 400),
            new MixedLoad.Kind("process", "", false, "0.1", "16Mi", 400),
            new MixedLoad.Kind("docker", image, false, "0.1", "16Mi", 800),
            new MixedLoad.Kind("microvm", image, false, "0.1", "128Mi", 1500),
            new MixedLoad.Kind("vm", Machines.IMAGE, false, "1", Machines.MEMORY, 3000));
    Witness files = new Witness(folder.resolve("witness"));
    try (ContainerWitness containers = new ContainerWitness(ENGINE);
        Pool pool =
            Pool.start(
                folder,
                1,
                "--allow-unsandboxed",
                "--docker-socket",
                ENGINE.address().getPath(),
                "--microvm",
                "--vm",
                "--share-cpus",
                "8")) {
      Machines.offer(pool);
      for (MixedLoad.Kind kind : kinds) {
        await()
            .atMost(Duration.ofMinutes(3))
            .pollInterval(Duration.ofMillis(500))
            .until(() -> pool.client.nodes().getFirst().drivers().contains(kind.driver()));
      }
      Machines.warm(pool);
      CommandLine cli =
          new CommandLine(
              DaemonProcess.java(),
              Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
      List<Onlooker> onlookers = new ArrayList<>();
      for (MixedLoad.Kind kind : kinds) {
        if (!kind.bare()) {
          onlookers.add(new Onlooker(pool, cli, kind, folder));
        }
      }
      MixedLoad load = new MixedLoad(pool, files, containers);
      kinds.forEach(kind -> load.begin(kind, random.nextLong()));
      for (int round = 0; round < rounds; round++) {
        Thread.sleep(random.nextInt(1500));
        if (round % SLOW == SLOW - 1) {
          awaitMachine(load);
        }
        kill(pool.providers.getFirst(), random, round);
      }
      load.end();
      pool.awaitOnline(1);
      List<String> wrong = new ArrayList<>();
      for (Onlooker onlooker : onlookers) {
        wrong.addAll(onlooker.verdict());
      }
      wrong.addAll(load.verdict(Duration.ofMinutes(5)));
      Set<String> all = new HashSet<>(load.tasks());
      onlookers.forEach(onlooker -> all.add(onlooker.id()));
      wrong.addAll(leftovers(all));
      System.out.println("crash rounds over all drivers: " + load.count() + ", kills " + kills);
      assertThat(wrong).as("seed %d", seed).isEmpty();
      assertThat(load.count()).hasSize(kinds.size());
    }
  }

  private void awaitMachine(MixedLoad load) throws InterruptedException {
    for (int i = 0; i < 600 && !load.runs("vm"); i++) {
      Thread.sleep(100);
    }
    kills.merge(load.runs("vm") ? "while a vm ran" : "no vm ran in a minute", 1, Integer::sum);
  }

  /// By turns at a random moment and at a point of a run.
  private void kill(DaemonProcess provider, Random random, int round) throws Exception {
    provider.kill9();
    // Waiting rounds come both ways, too.
    if (round / SLOW % 2 == 0 ? round % 2 == 0 : round % 2 != 0) {
      Thread.sleep(random.nextInt(300));
      provider.start();
      kills.merge("random", 1, Integer::sum);
      return;
    }
    CrashPoint point = POINTS.get(round / 2 % POINTS.size());
    try {
      provider.start("-Datoll.crash=" + point.text() + ":" + (1 + random.nextInt(2)));
    } catch (IOException e) {
      // it reached the point before it was ready to say what it bound
    }
    assertThat(provider.awaitEnd(120)).as("%s was reached", point).isTrue();
    Thread.sleep(random.nextInt(300));
    provider.start();
    kills.merge(point.text(), 1, Integer::sum);
  }

  /// What ends takes a moment to be gone.
  private List<String> leftovers(Set<String> tasks) throws Exception {
    List<String> left = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      left.clear();
      left.addAll(Witness.leftovers(tasks, folder));
      left.addAll(Witness.mountsAndSockets(tasks));
      left.addAll(ContainerWitness.leftovers(ENGINE, tasks));
      if (left.isEmpty()) {
        break;
      }
      Thread.sleep(1000);
    }
    return left;
  }
}
