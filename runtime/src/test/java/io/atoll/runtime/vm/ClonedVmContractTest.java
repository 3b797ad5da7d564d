package io.atoll.runtime.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Machine;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkContract;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.driver.Snapshot;
import io.atoll.runtime.driver.Snapshots;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Every behaviour, each on clones of one template of the image that is built from packages. How a
/// machine differs from a program is said by the hooks, and with its reason in `docs/drivers.md`.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class ClonedVmContractTest extends NetworkContract {
  /// Of the machines; a template serves one size.
  private static final MachineShape SHAPE = new MachineShape(1, 512);

  @TempDir static Path folder;
  private static VmSettings settings;

  @BeforeAll
  static void makeTemplate() throws Exception {
    settings = TestImage.cloning();
    Files.createDirectories(folder.resolve("runs"));
    new Templates(processes(), settings)
        .await(VmImage.of(settings.images().resolve("debian-12")), SHAPE, Duration.ofMinutes(10));
  }

  private static ProcessDriver processes() throws Exception {
    return new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
  }

  @Override
  protected Driver newDriver() throws Exception {
    return new VmDriver(processes(), settings, (run, phase) -> {});
  }

  @Override
  protected Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return new Workload(
        "vm",
        "debian-12",
        command,
        env,
        new Resources(resources.cpuMillis(), (long) SHAPE.memoryMib() << 20, 0),
        maxProcesses,
        List.of(),
        false,
        Workload.Isolation.SANDBOX);
  }

  /// Each boots a distribution's services on a processor that is emulated.
  @Override
  protected int many() {
    return 3;
  }

  /// The guest's RAM, and what QEMU needs beside it.
  @Override
  protected long mostMemory() {
    return SHAPE.hostMemory(false);
  }

  /// What the whole machine wrote over its image since it is a clone.
  @Override
  protected long mostDisk() {
    return 512L << 20;
  }

  /// All of a machine's RAM is the payload's; no machine is smaller than [MachineShape] lets it be.
  @Override
  protected String hungry() {
    return "exec tail /dev/zero";
  }

  @Override
  protected boolean suspendsDeep() {
    return true;
  }

  @Override
  protected Path runs() {
    return folder.resolve("runs");
  }

  /// A command is the machine's root, as its payload is, and a unit beside it.
  @Override
  protected String standing() {
    return super.standing().replace("Groups|", "").replace("cat /proc/self/cgroup;", "");
  }

  /// A machine asks its own resolver, which was told.
  @Override
  protected boolean tellsResolver() {
    return false;
  }

  // ---- what only machines can

  @Test
  void goesBackToASnapshotAlsoAfterARestart() throws Exception {
    ActivitySpec spec = spec(script(COUNTING));
    Activity machine = start(spec);
    awaitOutput(spec, "\n5\n");
    Snapshots kept = (Snapshots) machine;
    SnapshotName name = new SnapshotName("five");
    assertThat(kept.snapshots()).isEmpty();
    long began = System.nanoTime();
    assertThat(kept.takeSnapshot(name).bytes()).isGreaterThan(10L << 20);
    System.out.println("snapshot: taken in " + (System.nanoTime() - began) / 1_000_000 + " ms");
    assertThat(machine.state()).isEqualTo(Activity.State.RUNNING);
    assertThatThrownBy(() -> kept.takeSnapshot(name))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    int there = last(spec);
    await().atMost(PATIENT).until(() -> last(spec) > there + 15);

    Activity again = recoverAsRestarted(spec);
    Snapshots found = (Snapshots) again;
    assertThat(found.snapshots()).extracting(Snapshot::name).containsExactly(name);
    int before = last(spec);
    began = System.nanoTime();
    found.restoreSnapshot(name);
    System.out.println("snapshot: restored in " + (System.nanoTime() - began) / 1_000_000 + " ms");
    assertThat(again.state()).isEqualTo(Activity.State.RUNNING);
    await().atMost(PATIENT).until(() -> last(spec) < before);
    int back = last(spec);
    await().atMost(PATIENT).until(() -> last(spec) > back);

    again.suspend();
    found.restoreSnapshot(name);
    assertThat(again.state()).isEqualTo(Activity.State.SUSPENDED);
    String still = stdout(spec);
    Thread.sleep(700);
    assertThat(stdout(spec)).isEqualTo(still);
    again.resume();
    await().atMost(PATIENT).until(() -> stdout(spec).length() > still.length());

    found.removeSnapshot(name);
    assertThat(found.snapshots()).isEmpty();
    assertThat(spec.folder().resolve("work/snapshot-five.qcow2")).doesNotExist();
    assertThatThrownBy(() -> found.restoreSnapshot(name))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    again.stop(Duration.ZERO);
    assertThatThrownBy(found::snapshots)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void halfACloneNeverBeganAndIsGone() throws Exception {
    ActivitySpec spec = spec(script("echo began; sleep 1000"));
    start(spec);
    Files.delete(spec.folder().resolve(VmFolder.RELEASED)); // as killed on the way there
    driver = newDriver();
    assertThat(driver.recover(spec)).isEqualTo(new Recovered.NeverStarted());
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void aCloneThatWasNotSeenToBeginBeginsOnce() throws Exception {
    ActivitySpec spec = spec(script("echo began; sleep 5; echo end"));
    start(spec);
    awaitOutput(spec, "began\n");
    Files.delete(spec.folder().resolve(VmFolder.BEGUN)); // as killed before that was known
    Activity again = recoverAsRestarted(spec);
    assertThat(again.await()).isEqualTo(Exit.of(0));
    assertThat(stdout(spec)).isEqualTo("began\nend\n");
    assertThat(spec.folder().resolve(VmFolder.BEGUN)).exists();
  }

  @Test
  void aSnapshotThatFindsNoRoomLeavesTheMachineRunningAndNothingBehind() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root, to mount a small disk");
    VmImage image = VmImage.of(settings.images().resolve("debian-12"));
    Template template =
        new Templates(processes(), settings).await(image, SHAPE, Duration.ofMinutes(10));
    long room = Files.size(image.disk()) + Files.size(template.disk()) + (100L << 20);
    Path small = Files.createDirectory(folder.resolve("small"));
    sh("mount", "-t", "tmpfs", "-o", "size=" + room, "none", small.toString());
    try {
      Path place = Files.createDirectory(small.resolve("runs"));
      ProcessDriver apart = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), place));
      VmDriver there = new VmDriver(apart, settings, (run, phase) -> {});
      RunId id = new RunId(TaskId.random(random), new Epoch(1, 1));
      ActivitySpec spec = new ActivitySpec(id, script(COUNTING), place.resolve(id.toString()));
      VmActivity machine = (VmActivity) there.prepare(spec).start();
      try {
        awaitOutput(spec, "\n5\n");
        SnapshotName name = new SnapshotName("big");
        assertFull(() -> machine.takeSnapshot(name));
        // What is not foreseen, because others write meanwhile, is found out halfway.
        long free = Files.getFileStore(small).getUsableSpace();
        try (Qmp qmp = machine.qmp(Qmp.SHORT)) {
          VmSnapshots blind = new VmSnapshots(machine.folder(), qmp);
          assertFull(() -> blind.take(name, new VmSnapshots.MachineRoom(0, 0, 0)));
        }
        assertThat(machine.snapshots()).isEmpty();
        assertThat(machine.folder().work("snapshot-big.qcow2")).doesNotExist();
        assertThat(Files.getFileStore(small).getUsableSpace()).isGreaterThan(free - (16L << 20));
        int now = last(spec);
        await().atMost(PATIENT).until(() -> last(spec) > now + 3);
      } finally {
        machine.destroy();
      }
    } finally {
      sh("umount", "-l", small.toString());
    }
  }

  private static final Duration PATIENT = Duration.ofSeconds(90);
  private static final String COUNTING = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done";

  private static int last(ActivitySpec spec) throws IOException {
    String[] lines = stdout(spec).split("\n", -1);
    return lines.length < 2 ? 0 : Integer.parseInt(lines[lines.length - 2]);
  }

  private static void assertFull(ThrowingCallable order) {
    assertThatThrownBy(order)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
  }

  private static void sh(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }
}
