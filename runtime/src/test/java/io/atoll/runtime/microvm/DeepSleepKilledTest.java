package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.OutputChunk;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.Activity.State;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Kills the daemon, `kill -9`, at every step of a guest's way out of memory and back: the next one
/// finds it, once, and it goes on where it was. `-Datoll.fuzz.rounds=N` goes through all steps N
/// times.
@Tag("real")
@Timeout(3600)
@EnabledOnOs(OS.LINUX)
class DeepSleepKilledTest {
  @TempDir Path folder;

  @Test
  void itIsNeitherLostNorThereTwice() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 1);
    Random random = new Random(Long.getLong("atoll.fuzz.seed", System.nanoTime()));
    Path runs = Files.createDirectory(folder.resolve("runs"));
    for (int round = 0; round < rounds; round++) {
      for (DeepStep step : DeepStep.values()) {
        killedAt(step, runs, random.nextLong());
      }
    }
  }

  private void killedAt(DeepStep step, Path runs, long seed) throws Exception {
    Path state = folder.resolve("state");
    Process daemon =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DeepDoomedDaemon.class.getName(),
                state.toString(),
                runs.toString(),
                String.valueOf(seed),
                step.name())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    assertThat(daemon.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).as(() -> step + ": " + said()).isEqualTo(137); // by the signal
    ActivitySpec spec = DeepDoomedDaemon.spec(runs, seed);
    try (MicrovmDriver driver =
        new MicrovmDriver(TestGuests.settings(state), TestGuests.images())) {
      Activity found = ((Recovered.Found) driver.recover(spec)).activity();
      boolean inFile =
          switch (step) {
            case STANDING, SAVED, SILENT, DROPPED, GOING -> false;
            case NAMED, GONE, BACK, RESTORED -> true;
          };
      assertThat(found.state())
          .as(step.name())
          .isEqualTo(step == DeepStep.GOING ? State.RUNNING : State.SUSPENDED);
      assertThat(((DeepSuspend) found).deep()).as(step.name()).isEqualTo(inFile);
      assertThat(Files.exists(spec.folder().resolve("deep"))).isEqualTo(inFile);
      assertThat(spec.folder().resolve("deep.new")).doesNotExist();
      assertThat(MicrovmBenchmark.qemusOf(spec.id())).as(step.name()).isEqualTo(inFile ? 0 : 1);
      if (step == DeepStep.SAVED) {
        ((DeepSuspend) found).suspendDeep(); // a second try, where the first had come far
        assertThat(MicrovmBenchmark.qemusOf(spec.id())).isZero();
      }
      found.resume();
      long before = lines(spec);
      await().atMost(Duration.ofSeconds(90)).until(() -> lines(spec) >= before + 5);
      assertThat(MicrovmBenchmark.qemusOf(spec.id())).isEqualTo(1);
      found.stop(Duration.ZERO);
      String[] lines = stdout(spec).split("\n");
      for (int i = 0; i < lines.length - 1; i++) {
        assertThat(lines[i]).as(step.name()).isEqualTo(String.valueOf(i + 1));
      }
      found.destroy();
      assertThat(spec.folder()).doesNotExist();
      assertThat(MicrovmBenchmark.qemusOf(spec.id())).isZero();
      System.out.println("killed at " + step + ": found, went on, " + lines.length + " lines");
    }
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("said"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String stdout(ActivitySpec spec) throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  private static long lines(ActivitySpec spec) throws IOException {
    return stdout(spec).lines().count();
  }
}
