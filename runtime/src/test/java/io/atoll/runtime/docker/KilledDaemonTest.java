package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A JVM that drives a run is killed with SIGKILL at a random moment, and another finds the run:
/// it never began, or it ends with its own code and every byte of its output. The witness of
/// whether it began is the engine's memory of events. `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`
/// for more. About half of the runs have a card, for which the container waits.
@Tag("real")
class KilledDaemonTest {
  private static final String SCRIPT =
      "i=0; while [ $i -lt 25 ]; do echo line $i; i=$((i+1)); sleep 0.02; done; exit 17";

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir Path folder;

  @BeforeAll
  static void makeImage() throws Exception {
    TestImages.make(ENGINE, "tools:1");
  }

  /// The victim: arguments are the engine's address, the runs' folder, the run's id and the
  /// supervisor.
  public static void main(String[] arguments) throws Exception {
    DockerDriver driver =
        new DockerDriver(
            DockerSettings.loopback(URI.create(arguments[0]), "killed")
                .withSupervisor(Path.of(arguments[3])),
            (image, line) -> {});
    ActivitySpec spec = spec(Path.of(arguments[1]), RunId.parse(arguments[2]));
    System.out.println("go");
    Exit exit = driver.prepare(spec).start().await();
    System.out.println(exit);
  }

  private static ActivitySpec spec(Path runs, RunId id) {
    ActivitySpec any = new DockerRuns(runs).script("tools:1", SCRIPT);
    ActivitySpec plain = new ActivitySpec(id, any.workload(), runs.resolve(id.toString()));
    return id.hashCode() % 2 == 0 ? plain : DockerRuns.withCard(plain);
  }

  @Test
  @Timeout(600)
  void nothingIsLostAndNothingRunsTwice() throws Exception {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 6);
    System.out.println("seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    int found = 0;
    for (int round = 0; round < rounds; round++) {
      RunId id = new DockerRuns(folder).script("tools:1", SCRIPT).id();
      kill(id, random.nextInt(1500));
      ActivitySpec spec = spec(folder, id);
      try (DockerDriver driver = DockerRuns.driverWithCards(ENGINE, "killed")) {
        switch (driver.recover(spec)) {
          case Recovered.NeverStarted() -> assertThat(starts(id)).isZero();
          case Recovered.Found(Activity activity) -> {
            found++;
            assertThat(activity.await()).isEqualTo(new Exit(Exit.Cause.EXITED, 17, ""));
            assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo(expected());
            assertThat(starts(id)).isEqualTo(1);
            activity.destroy();
          }
        }
        assertThat(spec.folder()).doesNotExist();
        await()
            .atMost(Duration.ofSeconds(10))
            .until(
                () -> ENGINE.docker("ps", "-aq", "--filter", "name=atoll-killed-" + id).isEmpty());
      }
    }
    System.out.println(found + " of " + rounds + " had begun");
  }

  private void kill(RunId id, int delayMillis) throws Exception {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                KilledDaemonTest.class.getName(),
                ENGINE.address().toString(),
                folder.toString(),
                id.toString(),
                SupervisorBinary.path().toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = new BufferedReader(new InputStreamReader(victim.getInputStream()))) {
      for (String line = out.readLine(); !"go".equals(line); line = out.readLine()) {
        assertThat(line).as("the victim came up").isNotNull();
      }
      Thread.sleep(delayMillis);
      victim.destroyForcibly().waitFor();
    }
  }

  private static int starts(RunId id) throws Exception {
    String until = Long.toString(System.currentTimeMillis() / 1000 + 1);
    String events =
        ENGINE.docker(
            "events",
            "--since",
            "10m",
            "--until",
            until,
            "--filter",
            "event=start",
            "--filter",
            "container=atoll-killed-" + id);
    return events.isEmpty() ? 0 : events.split("\n").length;
  }

  private static String expected() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 25; i++) {
      text.append("line ").append(i).append('\n');
    }
    return text.toString();
  }
}
