package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Kills a JVM that is starting runs by the example runtime, the runtime, or both, at a random
/// moment: the next daemon finds every run, none runs twice, none is lost, nothing is left. More
/// with `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
@Tag("real")
@Timeout(900)
@EnabledOnOs(OS.LINUX)
class ExampleRuntimeCrashTest {
  @TempDir Path folder;

  @Test
  void noRunIsLostDoubledOrOrphaned() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 4);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("kill -9 of daemon and runtime: seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      Path base = Files.createDirectory(folder.resolve("r" + round));
      int[] seen = round(base, random, round % 3);
      System.out.printf(
          "round %d: %d never started, %d never began, %d went on%n",
          round, seen[0], seen[1], seen[2]);
    }
  }

  /// @param whom 0: the daemon; 1: both; 2: the runtime, and a moment later the daemon
  private static int[] round(Path base, Random random, int whom) throws Exception {
    long seed = random.nextLong();
    int begun = random.nextInt(DoomedDaemon.RUNS);
    int pause = random.nextInt(200);
    Path witness = Files.createFile(base.resolve("witness"));
    ExampleRuntime runtime = new ExampleRuntime(base.resolve("plain"));
    Process daemon =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedDaemon.class.getName(),
                base.toString(),
                String.valueOf(seed))
            .redirectErrorStream(true)
            .start();
    assertThat(new String(daemon.getInputStream().readNBytes(6), UTF_8)).isEqualTo("ready\n");
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Files.readAllLines(witness).size() >= begun);
    Thread.sleep(pause);
    if (whom == 2) {
      runtime.kill();
      Thread.sleep(300);
    }
    daemon.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    if (whom == 1) {
      runtime.kill();
    }

    List<ActivitySpec> specs = DoomedDaemon.runs(base, seed);
    int[] seen = new int[3];
    try (PluginDriver driver = runtime.driver()) {
      Set<RunId> again = new HashSet<>();
      List<Activity> activities = new ArrayList<>();
      for (ActivitySpec spec : specs) {
        switch (recover(driver, spec)) {
          case Recovered.NeverStarted() -> {
            assertThat(witnesses(spec, witness)).isZero();
            again.add(spec.id());
            activities.add(driver.prepare(spec).start());
          }
          case Recovered.Found(Activity found) -> activities.add(found);
        }
      }
      for (int i = 0; i < specs.size(); i++) {
        ActivitySpec spec = specs.get(i);
        Exit exit = activities.get(i).await();
        if (exit.neverBegan()) {
          assertThat(witnesses(spec, witness)).isZero();
          seen[1]++;
        } else {
          assertThat(exit).isEqualTo(Exit.of(i));
          assertThat(witnesses(spec, witness)).isEqualTo(1);
          assertThat(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT))
              .asString(UTF_8)
              .isEqualTo("done\n");
          seen[again.contains(spec.id()) ? 0 : 2]++;
        }
        activities.get(i).destroy();
        assertThat(spec.folder()).doesNotExist();
      }
      assertThat(driver.removeStrays(Set.of())).isZero();
      assertThat(ProcessHandle.allProcesses().map(ExampleRuntimeCrashTest::line))
          .noneMatch(line -> line.contains(base.resolve("runs").toString()));
    } finally {
      runtime.kill();
    }
    return seen;
  }

  private static Recovered recover(PluginDriver driver, ActivitySpec spec) throws Exception {
    for (int tries = 0; ; tries++) {
      try {
        return driver.recover(spec);
      } catch (DriverException e) {
        if (tries == 20) {
          throw e;
        }
        Thread.sleep(500);
      }
    }
  }

  private static String line(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  /// How often the payload of a run began, by what it wrote itself.
  private static long witnesses(ActivitySpec spec, Path witness) throws Exception {
    return Files.readAllLines(witness).stream().filter(spec.id().toString()::equals).count();
  }
}
