package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Done-when: kill -9 at named commit points and at random, witnessed from outside.
/// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for the long run.
@Tag("real")
class CrashTest {
  @TempDir Path temp;

  @Test
  void nothingIsLostDoubledOrLeftBehind() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 6);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("crash rounds: " + rounds + ", seed " + seed);
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    Witness witness = new Witness(temp.resolve("witness"));
    try (Pool pool = Pool.start(temp, 2, "--allow-unsandboxed", "--share-cpus", "8")) {
      CrashRounds crash = new CrashRounds(pool, temp, witness, seed);
      crash.play(rounds);
      var wrong = crash.verdict(Duration.ofSeconds(120));
      System.out.println("crash rounds: " + crash.count() + ", kills " + crash.kills());
      assertThat(wrong).as("seed %d", seed).isEmpty();
      assertThat(crash.tasks()).isPositive();
    }
  }
}
