package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every driver must do, in the words of the interface. A subclass names the driver; the
/// payloads are scripts for `/bin/sh` with the usual small tools (echo, sleep, cat, head, dd).
@Timeout(120)
public abstract class DriverContract {
  protected static final Resources SMALL = new Resources(1000, 128L << 20, 0);

  protected final RandomGenerator random = new SecureRandom();
  private final Map<RunId, ActivitySpec> made = new ConcurrentHashMap<>();
  protected Driver driver;

  /// A driver on the machine as it is now. Called again within a test, it plays the daemon that
  /// comes back: the earlier object is never used again, and was not told.
  protected abstract Driver newDriver() throws Exception;

  /// A workload that runs a program with arguments.
  protected abstract Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses);

  /// The folder in which runs get theirs.
  protected abstract Path runs();

  /// Whether this driver can limit memory here; false skips that test by name.
  protected boolean limitsMemory() {
    return true;
  }

  /// Whether the driver can tell how much of the disk a payload uses.
  protected boolean tellsDisk() {
    return true;
  }

  /// Whether activities can give their memory back while they are suspended.
  protected boolean suspendsDeep() {
    return false;
  }

  /// Whether `usage` can tell processor time here.
  protected boolean tellsCpu() {
    return true;
  }

  /// How many payloads this machine can begin at once in bounded time.
  protected int many() {
    return 20;
  }

  /// The most memory that a payload with `SMALL` may be told to use.
  protected long mostMemory() {
    return 128L << 20;
  }

  /// The most disk that a payload is told to use which wrote 300 kB.
  protected long mostDisk() {
    return 1_000_000;
  }

  /// A script that needs far more memory than a payload gets that asked for 32 MiB.
  protected String hungry() {
    return "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo survived ${#x}";
  }

  @BeforeEach
  void makeDriver() throws Exception {
    driver = newDriver();
    assertThat(driver.fingerprint().available())
        .withFailMessage(() -> "the driver does not work here: " + driver.fingerprint())
        .isTrue();
  }

  @AfterEach
  void endAll() throws Exception {
    for (ActivitySpec spec : made.values()) {
      if (driver.recover(spec) instanceof Recovered.Found found) {
        found.activity().destroy();
      }
      assertThat(spec.folder()).doesNotExist();
    }
  }

  // ---- what payloads get and give

  @Test
  void passesTheExitCode() throws Exception {
    assertThat(run("exit 0").exit).isEqualTo(Exit.of(0));
    assertThat(run("exit 7").exit).isEqualTo(Exit.of(7));
  }

  @Test
  void keepsBothStreamsInTheOrderWritten() throws Exception {
    Run run = run("echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three");
    List<OutputChunk> chunks = OutputRecords.read(run.spec.folder());
    StringBuilder all = new StringBuilder();
    long offset = 0;
    for (OutputChunk chunk : chunks) {
      assertThat(chunk.offset()).isEqualTo(offset);
      offset = chunk.end();
      all.append(chunk.stream()).append(':').append(new String(chunk.data(), UTF_8));
    }
    assertThat(all.toString()).isEqualTo("STDOUT:one\nSTDERR:two\nSTDOUT:three\n");
  }

  @Test
  void passesArgumentsAndVariablesUntouched() throws Exception {
    List<String> command =
        List.of("/bin/sh", "-c", "printf '%s|' \"$@\" \"$ODD\"", "sh", "a b", "", "ü*$x");
    Run run = run(workload(command, Map.of("ODD", "two\nlines = 'x'"), SMALL, 64));
    assertThat(run.stdout()).isEqualTo("a b||ü*$x|two\nlines = 'x'|");
  }

  @Test
  void findsProgramsOnThePath() throws Exception {
    assertThat(run(workload(List.of("echo", "found"), Map.of(), SMALL, 64)).stdout())
        .isEqualTo("found\n");
  }

  @Test
  void showsNoVariableOfTheDaemon() throws Exception {
    String name = System.getenv().containsKey("JAVA_HOME") ? "JAVA_HOME" : "HOME";
    String value = String.valueOf(System.getenv(name));
    Run run = run(workload(List.of("env"), Map.of("MINE", "1"), SMALL, 64));
    assertThat(run.stdout()).contains("MINE=1\n").doesNotContain(name + "=" + value + "\n");
  }

  @Test
  void keepsEveryByteOfMuchOutput() throws Exception {
    Run run = run("head -c 8388608 /dev/zero | tr '\\0' x");
    assertThat(run.exit).isEqualTo(Exit.of(0));
    byte[] out = OutputRecords.bytes(run.spec.folder(), OutputChunk.Stream.STDOUT);
    assertThat(out.length).isEqualTo(8 << 20);
    for (byte b : out) {
      if (b != 'x') {
        fail("a byte changed");
      }
    }
  }

  @Test
  void saysThatAProgramDoesNotExist() throws Exception {
    Exit exit = run(workload(List.of("/no/such/program"), Map.of(), SMALL, 64)).exit;
    assertThat(exit.cause()).isEqualTo(Exit.Cause.START_FAILED);
    assertThat(exit.code()).as("the task's own fault: %s", exit.detail()).isEqualTo(127);
    assertThat(exit.detail()).contains("/no/such/program");
  }

  @Test
  void tellsASignalFromAnExit() throws Exception {
    Exit exit = run("kill -SEGV $$").exit;
    assertThat(exit.cause()).isEqualTo(Exit.Cause.SIGNALED);
    assertThat(exit.code()).isEqualTo(139);
  }

  @Test
  void runsManyAtOnce() throws Exception {
    Map<Integer, Future<Exit>> exits = new HashMap<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < many(); i++) {
        int code = i;
        exits.put(code, threads.submit(() -> run("sleep 0.2; exit " + code).exit));
      }
      for (var entry : exits.entrySet()) {
        assertThat(entry.getValue().get()).isEqualTo(Exit.of(entry.getKey()));
      }
    }
  }

  // ---- the verbs

  @Test
  void refusesTheSameRunTwice() throws Exception {
    ActivitySpec spec = spec(script("sleep 60"));
    Activity activity = start(spec);
    assertThatThrownBy(() -> driver.prepare(spec).start())
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
  }

  @Test
  void leavesNothingWhenAPreparedRunIsClosed() throws Exception {
    ActivitySpec spec = spec(script("echo never"));
    driver.prepare(spec).close();
    assertThat(spec.folder()).doesNotExist();
    assertThat(driver.recover(spec)).isEqualTo(new Recovered.NeverStarted());
  }

  @Test
  void closingAfterStartDoesNothing() throws Exception {
    ActivitySpec spec = spec(script("sleep 0.3; exit 5"));
    Activity activity;
    try (Prepared prepared = driver.prepare(spec)) {
      activity = prepared.start();
    }
    assertThat(activity.await()).isEqualTo(Exit.of(5));
  }

  @Test
  void stopsWithGrace() throws Exception {
    ActivitySpec spec =
        spec(script("trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.05; done"));
    Activity activity = start(spec);
    awaitOutput(spec, "up\n");
    long begin = System.nanoTime();
    activity.stop(Duration.ofSeconds(30));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    assertThat(activity.state()).isEqualTo(Activity.State.TERMINATED);
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(exit.code()).isEqualTo(9);
    assertThat(stdout(spec)).isEqualTo("up\nbye\n");
    activity.stop(Duration.ZERO);
  }

  @Test
  void killsWhatDoesNotStop() throws Exception {
    ActivitySpec spec =
        spec(script("trap '' TERM; (trap '' TERM; sleep 1000) & echo up; sleep 1000"));
    Activity activity = start(spec);
    awaitOutput(spec, "up\n");
    activity.stop(Duration.ofMillis(200));
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(exit.code()).isEqualTo(137);
  }

  @Test
  void suspendStopsTheClockOfAPayload() throws Exception {
    ActivitySpec spec = spec(script("i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done"));
    Activity activity = start(spec);
    awaitOutput(spec, "3\n");
    activity.suspend();
    activity.suspend();
    assertThat(activity.state()).isEqualTo(Activity.State.SUSPENDED);
    Thread.sleep(100);
    String before = stdout(spec);
    Thread.sleep(500);
    assertThat(stdout(spec)).isEqualTo(before);
    activity.resume();
    activity.resume();
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
    await().until(() -> stdout(spec).length() > before.length());
    activity.suspend();
    activity.stop(Duration.ofSeconds(5));
    assertThat(activity.await().cause()).isEqualTo(Exit.Cause.STOPPED);
  }

  @Test
  void staysSuspendedOverARestart() throws Exception {
    ActivitySpec spec = spec(script("while :; do echo tick; sleep 0.02; done"));
    Activity activity = start(spec);
    awaitOutput(spec, "tick\n");
    activity.suspend();
    Activity again = recoverAsRestarted(spec);
    assertThat(again.state()).isEqualTo(Activity.State.SUSPENDED);
    again.resume();
    assertThat(again.state()).isEqualTo(Activity.State.RUNNING);
    int before = stdout(spec).length();
    await().until(() -> stdout(spec).length() > before);
  }

  @Test
  void deepSuspendGivesMemoryBackAndLosesNothing() throws Exception {
    ActivitySpec spec =
        spec(
            script(
                "trap 'echo bye; exit 5' TERM;"
                    + " i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done"));
    Activity activity = start(spec);
    awaitOutput(spec, "3\n");
    assertThat(activity instanceof DeepSuspend).isEqualTo(suspendsDeep());
    if (!(activity instanceof DeepSuspend deep)) {
      return; // docs/drivers.md says why
    }
    assertThat(deep.deep()).isFalse();
    long before = activity.usage().memory();
    deep.suspendDeep();
    deep.suspendDeep();
    assertThat(activity.state()).isEqualTo(Activity.State.SUSPENDED);
    assertThat(deep.deep()).isTrue();
    assertThat(activity.usage().memory()).isLessThan(before / 10);
    Activity again = recoverAsRestarted(spec);
    assertThat(again.state()).isEqualTo(Activity.State.SUSPENDED);
    assertThat(((DeepSuspend) again).deep()).isTrue();
    String said = stdout(spec);
    again.resume();
    assertThat(again.state()).isEqualTo(Activity.State.RUNNING);
    assertThat(((DeepSuspend) again).deep()).isFalse();
    await().atMost(Duration.ofSeconds(60)).until(() -> stdout(spec).length() > said.length() + 20);
    ((DeepSuspend) again).suspendDeep();
    again.stop(Duration.ofSeconds(120));
    assertThat(again.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 5, ""));
    String[] lines = stdout(spec).split("\n");
    assertThat(lines[lines.length - 1]).isEqualTo("bye");
    for (int i = 0; i < lines.length - 1; i++) {
      assertThat(lines[i]).isEqualTo(String.valueOf(i + 1));
    }
  }

  @Test
  void tellsUsage() throws Exception {
    Workload busy =
        workload(
            List.of(
                "/bin/sh",
                "-c",
                "x=$(head -c 3000000 /dev/zero | tr '\\0' x);"
                    + " head -c 300000 /dev/zero > made; echo up; while :; do :; done"),
            Map.of(),
            new Resources(1000, 128L << 20, 64L << 20),
            64);
    ActivitySpec spec = spec(busy);
    Activity activity = start(spec);
    awaitOutput(spec, "up\n");
    assertThat(activity.usage().outputBytes()).isIn(3L, -1L);
    if (tellsCpu()) {
      await().until(() -> activity.usage().cpuNanos() > 100_000_000L);
    } else {
      assertThat(activity.usage().cpuNanos()).isEqualTo(-1);
    }
    Usage now = activity.usage();
    if (limitsMemory()) {
      assertThat(now.memory()).isBetween(3_000_000L, mostMemory());
      assertThat(now.memoryPeak()).isBetween(now.memory() / 2, mostMemory());
    } else {
      assertThat(now.memory()).isEqualTo(-1);
    }
    if (tellsDisk()) {
      assertThat(now.disk()).isBetween(300_000L, mostDisk());
    } else {
      assertThat(now.disk()).isEqualTo(-1);
    }
  }

  @Test
  void endsWhatUsesMoreMemoryThanItsLimit() throws Exception {
    Assumptions.assumeTrue(limitsMemory(), "no memory limit for this driver on this machine");
    Resources little = new Resources(1000, 32L << 20, 0);
    Exit exit = run(workload(List.of("/bin/sh", "-c", hungry()), Map.of(), little, 64)).exit;
    assertThat(exit.cause()).isEqualTo(Exit.Cause.OUT_OF_MEMORY);
    assertThat(exit.detail()).isEqualTo("it used more memory than its limit");
  }

  @Test
  void anInterruptEndsTheWaitNotTheRun() throws Exception {
    ActivitySpec spec = spec(script("sleep 0.5; exit 4"));
    Activity activity = start(spec);
    Thread.currentThread().interrupt();
    assertThatThrownBy(activity::await).isInstanceOf(InterruptedException.class);
    assertThat(activity.await()).isEqualTo(Exit.of(4));
  }

  @Test
  void destroyEndsAndRemoves() throws Exception {
    ActivitySpec spec = spec(script("sleep 1000"));
    Activity activity = start(spec);
    activity.destroy();
    assertThat(spec.folder()).doesNotExist();
    assertThat(activity.state()).isEqualTo(Activity.State.TERMINATED);
    activity.destroy();
    assertThat(driver.recover(spec)).isEqualTo(new Recovered.NeverStarted());
  }

  // ---- commands beside a payload

  @Test
  void neverStartedIsProvable() throws Exception {
    assertThat(driver.recover(spec(script("exit 0")))).isEqualTo(new Recovered.NeverStarted());
  }

  @Test
  void aRunGoesOnOverARestart() throws Exception {
    ActivitySpec spec = spec(script("echo one; sleep 1; echo two; exit 6"));
    start(spec);
    awaitOutput(spec, "one\n");
    Activity again = recoverAsRestarted(spec);
    assertThat(again.id()).isEqualTo(spec.id());
    assertThat(again.await()).isEqualTo(Exit.of(6));
    assertThat(stdout(spec)).isEqualTo("one\ntwo\n");
  }

  @Test
  void stopsWhatItFoundAgain() throws Exception {
    ActivitySpec spec = spec(script("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"));
    start(spec);
    awaitOutput(spec, "up\n");
    Activity again = recoverAsRestarted(spec);
    again.stop(Duration.ofSeconds(20));
    assertThat(again.await().cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(again.await().code()).isEqualTo(3);
  }

  @Test
  void findsAnEndThatNobodySaw() throws Exception {
    ActivitySpec spec = spec(script("echo out; exit 8"));
    Instant before = Instant.now().minusSeconds(1);
    Activity seen = start(spec);
    seen.await();
    Instant after = Instant.now().plusSeconds(1);
    if (seen instanceof EndTime end) {
      assertThat(end.endedAt()).hasValueSatisfying(at -> assertThat(at).isBetween(before, after));
    }
    Thread.sleep(1500); // a time that is later than the end by more than the tolerance
    Activity again = recoverAsRestarted(spec);
    if (again instanceof EndTime end) {
      end.endedAt().ifPresent(at -> assertThat(at).isBetween(before, after));
    }
    assertThat(again.state()).isEqualTo(Activity.State.TERMINATED);
    assertThat(again.await()).isEqualTo(Exit.of(8));
    assertThat(stdout(spec)).isEqualTo("out\n");
  }

  @Test
  void whatWasPreparedAndNotStartedNeverBegan() throws Exception {
    ActivitySpec spec = spec(script("echo began"));
    driver.prepare(spec);
    driver = newDriver();
    switch (driver.recover(spec)) {
      case Recovered.NeverStarted() -> {}
      case Recovered.Found(Activity activity) -> assertThat(activity.await().neverBegan()).isTrue();
    }
    assertThat(Files.exists(spec.folder()) ? stdout(spec) : "").isEmpty();
  }

  // ---- for subclasses

  /// A run that has ended.
  protected record Run(ActivitySpec spec, Exit exit) {
    public String stdout() throws IOException {
      return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
    }

    public String stderr() throws IOException {
      return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDERR), UTF_8);
    }
  }

  protected Workload script(String text) {
    return workload(List.of("/bin/sh", "-c", text), Map.of(), SMALL, 64);
  }

  protected ActivitySpec spec(Workload workload) {
    return spec(workload, List.of());
  }

  protected ActivitySpec spec(Workload workload, List<NetworkCard> cards) {
    RunId id = new RunId(TaskId.random(random), new Epoch(1, 1 + random.nextInt(1000)));
    ActivitySpec spec = new ActivitySpec(id, workload, runs().resolve(id.toString()), cards);
    made.put(id, spec);
    return spec;
  }

  protected Activity start(ActivitySpec spec) throws Exception {
    return driver.prepare(spec).start();
  }

  protected Run run(String script) throws Exception {
    return run(script(script));
  }

  protected Run run(Workload workload) throws Exception {
    ActivitySpec spec = spec(workload);
    try {
      return new Run(spec, start(spec).await());
    } catch (DriverException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return new Run(spec, new Exit(Exit.Cause.START_FAILED, 127, e.text()));
      }
      if (e.code() != ErrorCode.START_FAILED) {
        throw e;
      }
      return new Run(spec, Exit.startFailed(e.text()));
    }
  }

  /// As a daemon does that comes back: a new driver, which has seen nothing.
  protected Activity recoverAsRestarted(ActivitySpec spec) throws Exception {
    driver = newDriver();
    if (driver.recover(spec) instanceof Recovered.Found found) {
      return found.activity();
    }
    return fail("the driver did not find the run again");
  }

  protected static String stdout(ActivitySpec spec) throws IOException {
    List<String> parts = new ArrayList<>();
    for (OutputChunk chunk : OutputRecords.read(spec.folder())) {
      if (chunk.stream() == OutputChunk.Stream.STDOUT) {
        parts.add(new String(chunk.data(), UTF_8));
      }
    }
    return String.join("", parts);
  }

  protected static void awaitOutput(ActivitySpec spec, String text) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> stdout(spec).contains(text));
  }
}
