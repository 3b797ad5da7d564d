package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What only guests can do, and their bad days.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class MicrovmGuestTest {
  private static final Resources SMALL = new Resources(1000, 128L << 20, 0);

  @TempDir static Path folder;
  private static MicrovmSettings settings;
  private static MicrovmDriver driver;
  private static Path runs;
  private final List<Activity> made = new ArrayList<>();

  @BeforeAll
  static void makeDriver() throws Exception {
    runs = Files.createDirectory(folder.resolve("runs"));
    settings = TestGuests.settings(folder.resolve("state"));
    driver = new MicrovmDriver(settings, TestGuests.images());
    driver.awaitTemplate(SMALL, Duration.ofSeconds(100));
  }

  @AfterEach
  void endAll() throws Exception {
    for (Activity activity : made) {
      activity.destroy();
    }
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

  private static ActivitySpec spec(String script) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    List<String> command = List.of("/bin/sh", "-c", script);
    return new ActivitySpec(
        id, TestGuests.workload(command, Map.of(), SMALL, 64), runs.resolve(id.toString()));
  }

  private synchronized Activity start(ActivitySpec spec) throws Exception {
    Activity activity = driver.prepare(spec).start();
    made.add(activity);
    return activity;
  }

  private static String stdout(ActivitySpec spec) throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  @Test
  void copiesOfATemplateShareNoSecret() throws Exception {
    Set<String> seen = new HashSet<>();
    int copies = 20;
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<String>> outputs = new ArrayList<>();
      for (int i = 0; i < copies; i++) {
        ActivitySpec spec =
            spec("head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/boot_id");
        outputs.add(
            threads.submit(
                () -> {
                  assertThat(start(spec).await()).isEqualTo(Exit.of(0));
                  return stdout(spec);
                }));
      }
      for (Future<String> output : outputs) {
        for (String line : output.get().strip().split("\n")) {
          assertThat(seen.add(line.strip())).as(line).isTrue();
        }
      }
    }
    assertThat(seen).hasSize(2 * copies);
  }

  @Test
  void aTemplateIsForNobodysEyes() throws Exception {
    Path templates = folder.resolve("state/templates");
    assertThat(Files.getPosixFilePermissions(templates))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    try (var all = Files.walk(templates)) {
      for (Path mem : all.filter(file -> file.endsWith("mem") || file.endsWith("state")).toList()) {
        assertThat(Files.getPosixFilePermissions(mem))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  @Test
  void templatesOfAnEarlierVersionGo() throws Exception {
    Path templates = Files.createDirectories(folder.resolve("aged/templates"));
    String release = GuestFiles.in(settings.guest()).release();
    QemuProgram qemu = QemuProgram.ask(QemuProgram.find("x86_64", List.of()).orElseThrow());
    String ours = qemu.text() + "-" + qemu.machine() + "-tcg-1cpu-112m";
    String[][] all = {
      {"6.0.0-pc-q35-6.0-tcg-1cpu-112m", release}, {ours, release}, {ours + "x", ""}
    };
    for (String[] each : all) {
      Path template = Files.createDirectory(templates.resolve(each[0]));
      Files.writeString(template.resolve("release"), each[1]);
      Files.write(template.resolve("mem"), new byte[1]);
    }
    MicrovmSettings aged =
        MicrovmSettings.of(settings.host().supervisor(), settings.guest(), folder.resolve("aged"));
    new MicrovmDriver(aged, TestGuests.images()).close();
    try (var left = Files.list(templates)) {
      assertThat(left.filter(Files::isDirectory).map(each -> each.getFileName().toString()))
          .containsExactly(ours);
    }
  }

  @Test
  void theClockIsRightInACopyAndAfterAResume() throws Exception {
    ActivitySpec spec = spec("while :; do date +%s; sleep 0.1; done");
    Activity activity = start(spec);
    await().until(() -> stdout(spec).lines().count() > 2);
    assertThat(lastNumber(spec)).isCloseTo(now(), org.assertj.core.data.Offset.offset(3L));
    activity.suspend();
    Thread.sleep(4000);
    activity.resume();
    await().until(() -> Math.abs(lastNumber(spec) - now()) <= 2);
  }

  private static long now() {
    return System.currentTimeMillis() / 1000;
  }

  private static long lastNumber(ActivitySpec spec) throws IOException {
    String[] lines = stdout(spec).strip().split("\n");
    return Long.parseLong(lines[lines.length - 1]);
  }

  /// `-Datoll.fuzz.rounds=200` for a long run.
  @Test
  void aCounterGoesOnWithoutASkipThroughManySuspensions() throws Exception {
    int cycles = Integer.getInteger("atoll.fuzz.rounds", 20);
    ActivitySpec spec = spec("i=0; while :; do i=$((i+1)); echo $i; done");
    Activity activity = start(spec);
    await().until(() -> !stdout(spec).isEmpty());
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < cycles; i++) {
      activity.suspend();
      long begin = System.nanoTime();
      activity.resume();
      times.add((System.nanoTime() - begin) / 1000);
      Thread.sleep(20);
    }
    times.sort(null);
    System.out.printf(
        "resume: %d cycles, p50 %d us, p95 %d us%n",
        cycles, times.get(times.size() / 2), times.get(times.size() * 95 / 100));
    assertThat(times.get(times.size() / 2)).isLessThan(50_000);
    activity.stop(Duration.ZERO);
    activity.await();
    String[] lines = stdout(spec).split("\n");
    long first = Long.parseLong(lines[1]); // the oldest segments may be gone, within a line
    for (int i = 1; i < lines.length - 1; i++) {
      assertThat(Long.parseLong(lines[i])).isEqualTo(first + i - 1);
    }
  }

  @Test
  void aKernelThatPanicsEndsTheRunAndSaysSo() throws Exception {
    Activity activity = start(spec("sleep 0.2; echo c > /proc/sysrq-trigger; sleep 100"));
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.LOST);
    assertThat(exit.detail()).contains("the guest's kernel died: Kernel panic");
  }

  @Test
  void aGuestThatTurnsItselfOffHasNoExitCode() throws Exception {
    Exit exit = start(spec("sleep 0.2; poweroff -f; sleep 100")).await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.LOST);
    assertThat(exit.detail()).contains("turned its machine off");
  }

  @Test
  void aKilledQemuEndsTheRunAndSaysSo() throws Exception {
    ActivitySpec spec = spec("echo up; sleep 1000");
    Activity activity = start(spec);
    await().until(() -> stdout(spec).equals("up\n"));
    ProcessHandle.of(MicrovmBenchmark.qemuOf(spec.id())).orElseThrow().destroyForcibly();
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.LOST);
    assertThat(exit.detail()).contains("QEMU ended").contains("137");
    assertThat(stdout(spec)).isEqualTo("up\n");
  }

  @Test
  void aGuestThatDoesNotListenIsEndedAllTheSame() throws Exception {
    ActivitySpec spec = spec("echo up; sleep 1000");
    Activity activity = start(spec);
    await().until(() -> stdout(spec).equals("up\n"));
    Path qmp = folder.resolve("state/qemu").resolve(spec.id().toString()).resolve("work/qmp");
    try (Qmp behindOurBack = Qmp.connect(qmp, Duration.ofSeconds(10), event -> {})) {
      behindOurBack.execute("stop");
    }
    long begin = System.nanoTime();
    activity.stop(Duration.ofMillis(300));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    assertThat(activity.await().cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(activity.await().code()).isEqualTo(137);
  }

  @Test
  void aGuestBootsWithoutATemplateToo() throws Exception {
    MicrovmSettings cold =
        MicrovmSettings.of(settings.host().supervisor(), settings.guest(), folder.resolve("cold"))
            .withTemplates(false);
    try (MicrovmDriver booting = new MicrovmDriver(cold, TestGuests.images())) {
      ActivitySpec spec = spec("free -m | head -n 2; exit 4");
      Activity activity = booting.prepare(spec).start();
      assertThat(activity.await()).isEqualTo(Exit.of(4));
      assertThat(stdout(spec)).contains("Mem:");
      activity.destroy();
    }
  }

  @Test
  void anImageThatIsNoneFailsClearly() throws Exception {
    Path nonsense = Files.write(folder.resolve("nonsense"), new byte[1 << 20]);
    MicrovmImages images =
        (run, reference) -> new MicrovmImage(nonsense, List.of(), List.of(), Map.of(), "", "");
    try (MicrovmDriver other =
        new MicrovmDriver(
            MicrovmSettings.of(
                settings.host().supervisor(), settings.guest(), folder.resolve("other")),
            images)) {
      Activity activity = other.prepare(spec("true")).start();
      Exit exit = activity.await();
      assertThat(exit.cause()).isEqualTo(Exit.Cause.START_FAILED);
      assertThat(exit.detail()).contains("the image cannot be mounted");
      activity.destroy();
    }
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    var workload = TestGuests.workload(List.of("true"), Map.of(), SMALL, 64);
    MicrovmImages none =
        (run, reference) ->
            new MicrovmImage(folder.resolve("none"), List.of(), List.of(), Map.of(), "", "");
    try (MicrovmDriver other =
        new MicrovmDriver(
            MicrovmSettings.of(
                settings.host().supervisor(), settings.guest(), folder.resolve("other")),
            none)) {
      ActivitySpec spec = new ActivitySpec(id, workload, runs.resolve(id.toString()));
      assertThatThrownBy(() -> other.prepare(spec))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND));
      assertThat(spec.folder()).doesNotExist();
    }
  }

  @Test
  void theImageSaysWhatRunsWhereAndAsWhom() throws Exception {
    Path busybox = TestGuests.busybox();
    MicrovmImages images =
        (run, reference) ->
            new MicrovmImage(
                busybox,
                List.of("/bin/sh", "-c"),
                List.of("id -u; id -g; pwd; echo $OF_IMAGE $HOME"),
                Map.of("OF_IMAGE", "yes"),
                "/some/where",
                "somebody");
    try (MicrovmDriver other = new MicrovmDriver(settings, images)) {
      RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
      ActivitySpec spec =
          new ActivitySpec(
              id, TestGuests.workload(List.of(), Map.of(), SMALL, 64), runs.resolve(id.toString()));
      Activity activity = other.prepare(spec).start();
      assertThat(activity.await()).isEqualTo(Exit.of(0));
      assertThat(stdout(spec)).isEqualTo("1234\n1234\n/some/where\nyes /\n");
      activity.destroy();
    }
  }

  /// Whatever the machine offers: the probe ends in time, and a guest that ran says so.
  @Test
  void anAcceleratorThatHangsIsFoundOut() throws Exception {
    QemuProgram qemu = QemuProgram.ask(QemuProgram.find("x86_64", List.of()).orElseThrow());
    GuestFiles guest = GuestFiles.in(settings.guest());
    long begin = System.nanoTime();
    var verdict = AcceleratorProbe.probe(qemu, guest, Accelerator.KVM, AcceleratorProbe.LIMIT);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    System.out.println(verdict);
    assertThat(verdict.cause()).isNotEmpty();
    var tooShort = AcceleratorProbe.probe(qemu, guest, Accelerator.TCG, Duration.ofMillis(100));
    assertThat(tooShort.works()).isFalse();
    assertThat(tooShort.cause()).contains("a guest hangs with it");
    var emulated = AcceleratorProbe.probe(qemu, guest, Accelerator.TCG, Duration.ofSeconds(60));
    assertThat(emulated.works()).as(emulated.cause()).isTrue();
    assertThat(driver.fingerprint().available()).isTrue();
  }
}
