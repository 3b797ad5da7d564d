package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload.Isolation;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

/// Kills a JVM that is starting runs, at a random moment, and some supervisors too: the next daemon
/// finds every run, none runs twice, none is lost but those whose supervisor was killed, nothing is
/// left. More with `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
@Tag("real")
@Timeout(600)
@EnabledOnOs(OS.LINUX)
class DaemonKilledTest {
  @TempDir Path folder;

  @Test
  void noRunIsLostDoubledOrOrphaned() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 6);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("kill -9 of the daemon: seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (int round = 0; round < rounds; round++) {
      Path base = Files.createDirectory(folder.resolve("r" + round));
      int[] seen = round(base, random.nextLong(), random.nextInt(2000), random);
      System.out.printf(
          "round %d: %d never started, %d never began, %d went on, %d lost%n",
          round, seen[0], seen[1], seen[2], seen[3]);
    }
  }

  private int[] round(Path base, long seed, int killAfterMillis, Random random) throws Exception {
    Path runs = base.resolve("runs");
    Path witness = Files.createFile(base.resolve("witness"));
    Files.setPosixFilePermissions(witness, PosixFilePermissions.fromString("rw-rw-rw-"));
    Process daemon =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedDaemon.class.getName(),
                SupervisorBinary.path().toString(),
                runs.toString(),
                witness.toString(),
                String.valueOf(seed))
            .redirectErrorStream(true)
            .start();
    byte[] ready = daemon.getInputStream().readNBytes(6);
    assertThat(new String(ready)).isEqualTo("ready\n");
    Thread.sleep(killAfterMillis);
    daemon.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    List<ActivitySpec> specs = DoomedDaemon.runs(runs, witness, seed);
    Set<RunId> killed = random.nextInt(2) == 0 ? killSome(specs, random) : Set.of();

    ProcessDriver driver =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs).withBare(true));
    Set<RunId> again = new HashSet<>();
    List<Activity> activities = new ArrayList<>();
    for (ActivitySpec spec : specs) {
      switch (driver.recover(spec)) {
        case Recovered.NeverStarted() -> {
          assertThat(witnesses(spec, witness)).isZero();
          again.add(spec.id());
          activities.add(driver.prepare(spec).start());
        }
        case Recovered.Found(Activity found) -> activities.add(found);
      }
    }
    int[] seen = new int[4];
    for (int i = 0; i < specs.size(); i++) {
      ActivitySpec spec = specs.get(i);
      Exit exit = activities.get(i).await();
      if (exit.neverBegan()) {
        assertThat(witnesses(spec, witness)).isZero();
        seen[1]++;
      } else if (exit.cause() == Exit.Cause.LOST) {
        assertThat(killed).as("LOST, but nobody killed its supervisor").contains(spec.id());
        assertThat(witnesses(spec, witness)).isLessThanOrEqualTo(1);
        seen[3]++;
      } else {
        assertThat(exit).isEqualTo(Exit.of(i));
        assertThat(witnesses(spec, witness)).isEqualTo(1);
        seen[again.contains(spec.id()) ? 0 : 2]++;
      }
      BadDayTest.assertNothingLeft(spec);
      activities.get(i).destroy();
      assertThat(spec.folder()).doesNotExist();
    }
    try (var left = Files.list(runs)) {
      assertThat(left.map(path -> path.getFileName().toString())).containsExactly(".sandbox");
    }
    return seen;
  }

  /// Kills a quarter of the supervisors that live now.
  private static Set<RunId> killSome(List<ActivitySpec> specs, Random random) {
    Set<RunId> killed = new HashSet<>();
    ProcessHandle.allProcesses()
        .forEach(
            process -> {
              String line = process.info().commandLine().orElse("");
              for (ActivitySpec spec : specs) {
                if (line.endsWith(spec.folder().toString()) && random.nextInt(4) == 0) {
                  process.destroyForcibly();
                  killed.add(spec.id());
                }
              }
            });
    return killed;
  }

  /// How often the payload of a run began, by what it wrote itself.
  private static long witnesses(ActivitySpec spec, Path witness) throws Exception {
    if (spec.workload().isolation() == Isolation.BARE) {
      return Files.readAllLines(witness).stream().filter(spec.id().toString()::equals).count();
    }
    try {
      return Escape.text(spec, OutputChunk.Stream.STDOUT).lines().count();
    } catch (IOException e) {
      return 0; // no folder
    }
  }
}
