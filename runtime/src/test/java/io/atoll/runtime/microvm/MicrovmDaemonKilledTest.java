package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
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

/// Kills a JVM that is starting guests, at a random moment: the next daemon finds every run, none
/// began twice, none is lost, every byte of output is there once, and no QEMU is left. More with
/// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
@Tag("real")
@Timeout(3600)
@EnabledOnOs(OS.LINUX)
class MicrovmDaemonKilledTest {
  @TempDir Path folder;

  @Test
  void noRunIsLostDoubledOrOrphaned() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 3);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("kill -9 over guests: seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    Path state = folder.resolve("state");
    try (MicrovmDriver first = new MicrovmDriver(TestGuests.settings(state), TestGuests.images())) {
      first.awaitTemplate(new Resources(1000, 128L << 20, 0), Duration.ofSeconds(100));
    }
    for (int round = 0; round < rounds; round++) {
      Path runs = Files.createDirectory(folder.resolve("r" + round));
      int[] seen = round(state, runs, random.nextLong(), random.nextInt(8000));
      System.out.printf(
          "round %d: %d never started, %d never began, %d went on%n",
          round, seen[0], seen[1], seen[2]);
    }
  }

  private static int[] round(Path state, Path runs, long seed, int killAfterMillis)
      throws Exception {
    Process daemon =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedDaemon.class.getName(),
                state.toString(),
                runs.toString(),
                String.valueOf(seed))
            .redirectErrorStream(true)
            .start();
    var said = daemon.inputReader();
    String line = said.readLine();
    while (line != null && !line.equals("ready")) {
      line = said.readLine();
    }
    assertThat(line).isEqualTo("ready");
    Thread.sleep(killAfterMillis);
    daemon.destroyForcibly().waitFor(10, TimeUnit.SECONDS);

    int[] seen = new int[3];
    List<ActivitySpec> specs = DoomedDaemon.runs(runs, seed);
    try (MicrovmDriver driver =
        new MicrovmDriver(TestGuests.settings(state), TestGuests.images())) {
      Set<RunId> again = new HashSet<>();
      List<Activity> activities = new ArrayList<>();
      for (ActivitySpec spec : specs) {
        switch (driver.recover(spec)) {
          case Recovered.NeverStarted() -> {
            assertThat(spec.folder()).doesNotExist();
            again.add(spec.id());
            activities.add(driver.prepare(spec).start());
          }
          case Recovered.Found(Activity found) -> activities.add(found);
        }
      }
      for (int i = 0; i < specs.size(); i++) {
        ActivitySpec spec = specs.get(i);
        Exit exit = activities.get(i).await();
        String out =
            new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
        if (exit.neverBegan()) {
          assertThat(out).isEmpty();
          seen[1]++;
        } else {
          assertThat(exit).isEqualTo(Exit.of(i));
          String[] lines = out.split("\n");
          assertThat(lines[0]).startsWith(spec.id() + " ");
          for (int n = 1; n < lines.length; n++) {
            assertThat(lines[n]).isEqualTo(String.valueOf(n));
          }
          seen[again.contains(spec.id()) ? 0 : 2]++;
        }
        activities.get(i).destroy();
        assertThat(spec.folder()).doesNotExist();
      }
    }
    assertThat(
            ProcessHandle.allProcesses()
                .map(each -> each.info().commandLine().orElse(""))
                .filter(each -> each.contains(state.toString())))
        .isEmpty();
    try (var left = Files.list(state.resolve("qemu"))) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .allMatch(name -> name.startsWith("."));
    }
    return seen;
  }
}
