package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The daemon dies at each point of a run, and the engine under it; `close` of a driver stands for
/// the death of its daemon: nothing of it writes or asks afterwards.
@Tag("real")
@Timeout(180)
class DockerRecoveryTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir Path folder;
  private DockerRuns runs;
  private DockerDriver driver;

  @BeforeAll
  static void makeImage() throws IOException {
    TestImages.make(ENGINE, "tools:1");
  }

  @BeforeEach
  void open() {
    runs = new DockerRuns(folder);
    driver = DockerRuns.driver(ENGINE, "recovery");
  }

  @AfterEach
  void close() throws Exception {
    driver.close();
    driver = DockerRuns.driver(ENGINE, "recovery");
    driver.removeStrays(Set.of());
    driver.close();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ENGINE.docker("ps", "-aq", "--filter", "name=atoll-recovery-").isEmpty());
  }

  private Recovered recoverAsRestarted(ActivitySpec spec) throws Exception {
    driver.close();
    driver = DockerRuns.driver(ENGINE, "recovery");
    return driver.recover(spec);
  }

  private Activity found(ActivitySpec spec) throws Exception {
    return ((Recovered.Found) recoverAsRestarted(spec)).activity();
  }

  private String container(ActivitySpec spec) {
    return "atoll-recovery-" + spec.id();
  }

  private boolean hasContainer(ActivitySpec spec) throws IOException {
    return !ENGINE.docker("ps", "-aq", "--filter", "name=" + container(spec)).isEmpty();
  }

  private static void awaitOutput(ActivitySpec spec, String text) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> DockerRuns.text(spec, Stream.STDOUT).contains(text));
  }

  @Test
  void deadBeforeTheContainerWasMade() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "true");
    Files.createDirectory(spec.folder());
    assertThat(recoverAsRestarted(spec)).isEqualTo(new Recovered.NeverStarted());
    assertThat(spec.folder()).doesNotExist();
    // The same run may begin after all.
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.await()).isEqualTo(Exit.of(0));
    activity.destroy();
  }

  @Test
  void deadBeforeTheStartWasSent() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "true");
    driver.prepare(spec);
    new RunFolder(spec.folder()).markStarting();
    assertThat(recoverAsRestarted(spec)).isEqualTo(new Recovered.NeverStarted());
    assertThat(spec.folder()).doesNotExist();
    assertThat(hasContainer(spec)).isFalse();
  }

  @Test
  void deadWhileTheEngineStartsIt() throws Exception {
    for (int delay = 0; delay < 400; delay += 80) {
      ActivitySpec spec = runs.script("tools:1", "echo ran; exit 3");
      driver.prepare(spec);
      new RunFolder(spec.folder()).markStarting();
      Process start =
          new ProcessBuilder(ENGINE.client("start", container(spec)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      Thread.sleep(delay);
      switch (recoverAsRestarted(spec)) {
        case Recovered.Found(Activity activity) -> {
          Exit exit = activity.await();
          assertThat(exit.code()).as(exit.toString()).isEqualTo(3);
          assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo("ran\n");
          assertThat(start.waitFor()).isZero();
          activity.destroy();
        }
        case Recovered.NeverStarted() -> assertThat(start.waitFor()).isNotZero();
      }
    }
  }

  @Test
  void deadRightAfterTheStart() throws Exception {
    ActivitySpec spec =
        runs.script(
            "tools:1", "i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.02; done");
    driver.prepare(spec).start();
    Activity again = found(spec);
    assertThat(again.await()).isEqualTo(Exit.of(0));
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      expected.append(i).append('\n');
    }
    assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo(expected.toString());
  }

  @Test
  void whatWasWrittenMeanwhileIsThereOnceEachByte() throws Exception {
    // Lines of all lengths about the 16 KiB at which the engine cuts, bytes of every value.
    String script =
        "for n in 1 16383 16384 16385 40000; do head -c $n /dev/zero | tr '\\0' x; echo;"
            + " echo e$n >&2; sleep 0.2; done >> /tmp/o; cat /tmp/o;"
            + " head -c 3000000 /dev/urandom > /tmp/r; cat /tmp/r; echo; sleep 1;"
            + " (cat /tmp/o /tmp/r; echo) | sha256sum | cut -c 1-64 > /tmp/s; cat /tmp/r; echo;"
            + " cat /tmp/s >&2; exit 4";
    ActivitySpec spec = runs.script("tools:1", script);
    driver.prepare(spec).start();
    for (int i = 0; i < 5; i++) {
      Thread.sleep(300);
      var _ = recoverAsRestarted(spec);
    }
    driver.close();
    ENGINE.docker("wait", container(spec));
    Activity again = found(spec);
    Exit exit = again.await();
    assertThat(exit).isEqualTo(Exit.of(4));
    byte[] out = OutputRecords.bytes(spec.folder(), Stream.STDOUT);
    String err = DockerRuns.text(spec, Stream.STDERR);
    assertThat(err).startsWith("e1\ne16383\ne16384\ne16385\ne40000\n");
    int tail = 3_000_001;
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(out, 0, out.length - tail);
    assertThat(err.strip()).endsWith(HexFormat.of().formatHex(sha.digest()));
    assertThat(java.util.Arrays.copyOfRange(out, out.length - tail, out.length))
        .isEqualTo(java.util.Arrays.copyOfRange(out, out.length - 2 * tail, out.length - tail));
  }

  @Test
  void deadBeforeTheExitWasSeen() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "echo out; echo err >&2; sleep 0.5; exit 8");
    driver.prepare(spec).start();
    driver.close();
    ENGINE.docker("wait", container(spec));
    Activity again = found(spec);
    assertThat(again.await()).isEqualTo(Exit.of(8));
    assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo("out\n");
    assertThat(DockerRuns.text(spec, Stream.STDERR)).isEqualTo("err\n");
    await().until(() -> !hasContainer(spec));
  }

  @Test
  void deadBetweenTheExitAndTheRemovalOfTheContainer() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "exit 9");
    driver.prepare(spec).start();
    driver.close();
    ENGINE.docker("wait", container(spec));
    Files.createDirectories(spec.folder());
    new RunFolder(spec.folder()).writeExit(Exit.of(9));
    Activity again = found(spec);
    assertThat(again.state()).isEqualTo(Activity.State.TERMINATED);
    assertThat(again.await()).isEqualTo(Exit.of(9));
    await().until(() -> !hasContainer(spec));
  }

  @Test
  void aContainerThatSomebodyRemovedIsLost() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "echo up; sleep 1000");
    Activity activity = driver.prepare(spec).start();
    awaitOutput(spec, "up");
    ENGINE.docker("rm", "-f", container(spec));
    Exit exit = activity.await();
    assertThat(exit.code()).isIn(125, 137);

    ActivitySpec away = runs.script("tools:1", "sleep 1000");
    driver.prepare(away).start();
    driver.close();
    ENGINE.docker("rm", "-f", container(away));
    assertThat(found(away).await().cause()).isEqualTo(Exit.Cause.LOST);
  }

  @Test
  void removesWhatNoJournalKnows() throws Exception {
    ActivitySpec known = runs.script("tools:1", "sleep 1000");
    ActivitySpec stray = runs.script("tools:1", "sleep 1000");
    driver.prepare(known).start();
    driver.prepare(stray).start();
    driver.close();
    driver = DockerRuns.driver(ENGINE, "recovery");
    assertThat(driver.removeStrays(Set.of(known.id()))).isEqualTo(1);
    assertThat(hasContainer(known)).isTrue();
    assertThat(hasContainer(stray)).isFalse();
    found(known).destroy();
  }

  @Test
  void anEngineThatCrashedEndsItsContainersAndTheWaitGoesOn() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "echo before; sleep 1000");
    Activity activity = driver.prepare(spec).start();
    awaitOutput(spec, "before");
    ENGINE.kill();
    assertThatThrownBy(() -> activity.usage())
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_UNAVAILABLE));
    assertThatThrownBy(() -> activity.stop(Duration.ofSeconds(1)))
        .isInstanceOf(DriverException.class);
    Files.delete(spec.folder().resolve("stop"));
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
    ENGINE.restart();
    Exit exit = activity.await();
    System.out.println("after a crash of the engine: " + exit);
    assertThat(exit.code()).isNotZero();
    assertThat(exit.cause()).isIn(Exit.Cause.SIGNALED, Exit.Cause.LOST);
    assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo("before\n");
    // And it runs others again.
    ActivitySpec next = runs.script("tools:1", "exit 2");
    assertThat(driver.prepare(next).start().await()).isEqualTo(Exit.of(2));
  }

  @Test
  void aSilentEngineMakesNothingWorse() throws Exception {
    ActivitySpec spec = runs.script("tools:1", "echo a; sleep 2; echo b; exit 5");
    Activity activity = driver.prepare(spec).start();
    long pid = ENGINE.process().pid();
    new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
    try {
      long begin = System.nanoTime();
      assertThat(driver.fingerprint().available()).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
      Thread.sleep(1000);
    } finally {
      new ProcessBuilder("kill", "-CONT", Long.toString(pid)).start().waitFor();
    }
    assertThat(activity.await()).isEqualTo(Exit.of(5));
    assertThat(DockerRuns.text(spec, Stream.STDOUT)).isEqualTo("a\nb\n");
  }
}
