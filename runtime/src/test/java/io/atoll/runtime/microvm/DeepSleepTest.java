package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.Activity.State;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Guests that give their memory back, and come again.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class DeepSleepTest {
  private static final Resources SMALL = new Resources(1000, 128L << 20, 0);
  private static final String COUNTER = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";

  @TempDir static Path folder;
  private static MicrovmDriver driver;
  private Path runs;
  private ActivitySpec spec;

  @BeforeEach
  void makeDriver() throws Exception {
    runs = Files.createDirectories(folder.resolve("runs"));
    if (driver == null) {
      driver = newDriver();
      driver.awaitTemplate(SMALL, Duration.ofSeconds(200));
    }
  }

  private static MicrovmDriver newDriver() throws Exception {
    if (driver != null) {
      driver.close();
    }
    return new MicrovmDriver(TestGuests.settings(folder.resolve("state")), TestGuests.images());
  }

  @AfterEach
  void end() throws Exception {
    if (spec != null && driver.recover(spec) instanceof Recovered.Found(Activity found)) {
      found.destroy();
    }
    assertThatThrownBy(() -> MicrovmBenchmark.qemuOf(spec.id())).isNotNull();
    try (var left = Files.list(folder.resolve("state/qemu"))) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .allMatch(name -> name.startsWith("."));
    }
  }

  @AfterAll
  static void close() {
    if (driver != null) {
      driver.close();
    }
  }

  private Activity start(Path runs, String script) throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    spec =
        new ActivitySpec(
            id,
            TestGuests.workload(List.of("/bin/sh", "-c", script), Map.of(), SMALL, 64),
            runs.resolve(id.toString()));
    return driver.prepare(spec).start();
  }

  private static void deep(Activity activity) throws Exception {
    ((DeepSuspend) activity).suspendDeep();
  }

  private Activity restarted() throws Exception {
    driver = newDriver();
    return ((Recovered.Found) driver.recover(spec)).activity();
  }

  private String stdout() throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  private void awaitLines(int more) {
    long before = lines();
    await().atMost(Duration.ofSeconds(90)).until(() -> lines() >= before + more);
  }

  private long lines() {
    try {
      return stdout().lines().count();
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void aCommandBesideThePayloadGoesOn() throws Exception {
    Activity activity = start(runs, "sleep 1000");
    String command = "echo before; read x; echo got $x; exit 6";
    String id = "deep00000001";
    ((Enterable) activity)
        .exec(new ExecSpec(id, List.of("/bin/sh", "-c", command), Map.of(), null));
    deep(activity);
    Activity again = restarted();
    again.resume();
    ExecSession session = ((Enterable) again).session(id).orElseThrow();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExecEnd end =
        new ExecConversation(
                () -> {
                  try {
                    return session.attach();
                  } catch (DriverException e) {
                    throw new IOException(e.text(), e);
                  }
                },
                new ByteArrayInputStream("late\n".getBytes(UTF_8)),
                out,
                out)
            .run();
    assertThat(out.toString(UTF_8)).isEqualTo("before\ngot late\n");
    assertThat(end.code()).isEqualTo(6);
  }

  private void nothingSkipped() throws Exception {
    String[] lines = stdout().split("\n");
    for (int i = 0; i < lines.length - 1; i++) {
      assertThat(lines[i]).isEqualTo(String.valueOf(i + 1));
    }
  }

  @Test
  void memoryIsGivenBackAndACounterGoesOnWithoutASkip() throws Exception {
    Activity activity = start(runs, "x=$(head -c 30000000 /dev/urandom | tr '\\0' x); " + COUNTER);
    awaitLines(10);
    long before = MicrovmBenchmark.resident(spec.id());
    long cpu = activity.usage().cpuNanos();
    long begin = System.nanoTime();
    deep(activity);
    long out = System.nanoTime() - begin;
    assertThat(activity.state()).isEqualTo(State.SUSPENDED);
    assertThatThrownBy(() -> MicrovmBenchmark.qemuOf(spec.id())).isNotNull();
    assertThat(folder.resolve("state/qemu/" + spec.id())).doesNotExist();
    assertThat(activity.usage().memory()).isZero();
    assertThat(activity.usage().cpuNanos()).isGreaterThanOrEqualTo(cpu);
    long size = activity.usage().disk();
    deep(activity); // no effect
    long lines = lines();
    Thread.sleep(300);
    assertThat(lines()).isEqualTo(lines);
    begin = System.nanoTime();
    activity.resume();
    long back = System.nanoTime() - begin;
    assertThat(activity.state()).isEqualTo(State.RUNNING);
    assertThat(spec.folder().resolve("deep")).doesNotExist();
    awaitLines(10);
    System.out.printf(
        "deep suspend: %d MiB resident given back, file %d MiB, out %d ms, back %d ms%n",
        before >> 20, size >> 20, out / 1_000_000, back / 1_000_000);
    assertThat(activity.usage().cpuNanos()).isGreaterThan(cpu);
    activity.stop(Duration.ofSeconds(20));
    nothingSkipped();
  }

  @Test
  void aDaemonThatComesBackFindsItAndBringsItBack() throws Exception {
    Activity activity = start(runs, "trap 'exit 6' TERM; " + COUNTER);
    awaitLines(5);
    activity.suspend();
    deep(activity);
    Activity again = restarted();
    assertThat(again.state()).isEqualTo(State.SUSPENDED);
    Activity once = restarted();
    once.resume();
    awaitLines(5);
    deep(once); // a second time, in a machine that had come back
    once.resume();
    awaitLines(5);
    once.stop(Duration.ofSeconds(30));
    assertThat(once.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 6, ""));
    nothingSkipped();
  }

  @Test
  void aStopWithGraceTellsItAndOneWithoutEndsItThere() throws Exception {
    Activity activity =
        start(runs, "trap 'echo bye; exit 6' TERM; echo up; while :; do sleep 0.1; done");
    awaitLines(1);
    deep(activity);
    activity.stop(Duration.ofSeconds(60));
    assertThat(activity.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 6, ""));
    assertThat(stdout()).isEqualTo("up\nbye\n");
    activity.destroy();
    Activity other = start(runs, "trap 'echo bye; exit 6' TERM; echo up; sleep 1000");
    awaitLines(1);
    deep(other);
    other.stop(Duration.ZERO);
    assertThat(other.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 137, ""));
    assertThat(spec.folder().resolve("deep")).doesNotExist();
    assertThat(restarted().await().cause()).isEqualTo(Exit.Cause.STOPPED);
  }

  @Test
  void theClockIsRightAfterwards() throws Exception {
    Activity activity = start(runs, "while :; do date +%s; sleep 0.1; done");
    awaitLines(2);
    deep(activity);
    Thread.sleep(4000);
    Activity again = restarted();
    again.resume();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              String[] lines = stdout().strip().split("\n");
              long last = Long.parseLong(lines[lines.length - 1]);
              return Math.abs(last - System.currentTimeMillis() / 1000) <= 2;
            });
  }

  @Test
  void onAFullDiskItStaysInMemoryAndNothingIsLeft() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        sh("mount -t tmpfs -o size=6m none " + small) == 0, "mounting a tmpfs needs root");
    try {
      Activity activity = start(small, "x=$(head -c 9000000 /dev/urandom | base64); " + COUNTER);
      awaitLines(5);
      assertThatThrownBy(() -> deep(activity))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.code()).as(e.text()).isEqualTo(ErrorCode.DISK_FULL);
                assertThat(e.text()).contains("is suspended, but could not give its memory back");
              });
      assertThat(activity.state()).isEqualTo(State.SUSPENDED);
      assertThat(spec.folder().resolve("deep")).doesNotExist();
      assertThat(spec.folder().resolve("deep.new")).doesNotExist();
      activity.resume();
      awaitLines(5);
      activity.stop(Duration.ZERO);
      nothingSkipped();
      activity.destroy();
    } finally {
      assertThat(sh("umount " + small)).isZero();
    }
  }

  /// Damage is found out, and what is there stays.
  @Test
  void aDamagedFileIsNotRun() throws Exception {
    Activity activity = start(runs, COUNTER);
    awaitLines(5);
    deep(activity);
    Path file = spec.folder().resolve("deep");
    byte[] good = Files.readAllBytes(file);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 1;
    Files.write(file, bad);
    assertThatThrownBy(activity::resume)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.text()).contains("could not be brought back into memory"));
    assertThat(activity.state()).isEqualTo(State.SUSPENDED);
    Files.write(file, good);
    activity.resume();
    awaitLines(5);
    activity.stop(Duration.ZERO);
    nothingSkipped();
  }

  private static int sh(String command) throws Exception {
    return new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
  }
}
