package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.Activity.State;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// One machine that gives its memory back, again and again, over restarts of the daemon and what a
/// daemon leaves that was killed on the way.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(1800)
class VmDeepSoak {
  private static final String COUNTER =
      "trap 'echo bye; exit 5' TERM;"
          + " i=0; while :; do i=$((i+1)); echo $i $(date +%s); sleep 0.2; done";

  @TempDir Path folder;
  private VmDriver driver;
  private ActivitySpec spec;

  private VmSettings settings;

  private ProcessDriver processes() throws Exception {
    Path runs = folder.resolve("runs");
    return new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
  }

  private VmDriver newDriver() throws Exception {
    return new VmDriver(processes(), settings, (run, phase) -> {});
  }

  private Activity restarted() throws Exception {
    driver = newDriver();
    return ((Recovered.Found) driver.recover(spec)).activity();
  }

  private String[] lines() throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8)
        .split("\n");
  }

  private void awaitMore() throws IOException {
    int before = lines().length;
    await()
        .atMost(Duration.ofMinutes(10))
        .ignoreExceptions()
        .until(() -> lines().length > before + 5);
  }

  private long qemus() {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().command().orElse("").contains("qemu-system"))
        .filter(each -> environment(each.pid()).contains("ATOLL_RUN=" + spec.id() + "\0"))
        .count();
  }

  private static String environment(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ")) + "\0";
    } catch (IOException e) {
      return "";
    }
  }

  private static void deep(Activity machine) throws Exception {
    ((DeepSuspend) machine).suspendDeep();
    assertThat(machine.state()).isEqualTo(State.SUSPENDED);
    assertThat(((DeepSuspend) machine).deep()).isTrue();
  }

  @Test
  void aMachineThatBootedGivesItsMemoryBackAndGoesOn() throws Exception {
    settings = TestImage.settings(folder);
    givesItsMemoryBackAndGoesOn();
  }

  /// Its card was put in later, and its state came from a template.
  @Test
  void aCloneGivesItsMemoryBackAndGoesOn() throws Exception {
    settings = TestImage.settings(folder).withCloning(true);
    VmImage image = VmImage.of(settings.images().resolve("debian-12"));
    var _ =
        new Templates(processes(), settings)
            .await(image, new MachineShape(1, 384), Duration.ofMinutes(15));
    givesItsMemoryBackAndGoesOn();
    assertThat(spec.folder()).doesNotExist();
  }

  private void givesItsMemoryBackAndGoesOn() throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            "debian-12",
            List.of("/bin/sh", "-c", COUNTER),
            Map.of(),
            new Resources(1000, 384L << 20, 0),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    spec = new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString()));
    driver = newDriver();
    Activity machine = driver.prepare(spec).start();
    assertThat(Files.exists(spec.folder().resolve("clone"))).isEqualTo(settings.cloning());
    try {
      await().atMost(Duration.ofMinutes(15)).ignoreExceptions().until(() -> lines().length > 5);
      List<Endpoint> ports = machine.endpoints();
      long before = machine.usage().memory();
      long began = System.nanoTime();
      deep(machine);
      long out = System.nanoTime() - began;
      assertThat(qemus()).isZero();
      long size = Files.size(spec.folder().resolve("deep"));
      long after = machine.usage().memory();
      int still = lines().length;
      Thread.sleep(4000);
      assertThat(lines().length).isEqualTo(still);

      Activity again = restarted();
      assertThat(again.state()).isEqualTo(State.SUSPENDED);
      assertThat(((DeepSuspend) again).deep()).isTrue();
      began = System.nanoTime();
      again.resume();
      long back = System.nanoTime() - began;
      System.out.printf(
          "deep suspend of a machine: %d MiB in use before, %d MiB after; file %d MiB;"
              + " out %d ms, back %d ms%n",
          before >> 20, after >> 20, size >> 20, out / 1_000_000, back / 1_000_000);
      assertThat(after).isLessThan(before / 10);
      assertThat(again.state()).isEqualTo(State.RUNNING);
      assertThat(again.endpoints()).isEqualTo(ports);
      assertThat(qemus()).isEqualTo(1);
      awaitMore();
      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () -> {
                String[] lines = lines();
                long guest = Long.parseLong(lines[lines.length - 2].split(" ")[1]);
                return Math.abs(guest - System.currentTimeMillis() / 1000) <= 3;
              });

      // Killed on its way out: a draft, a mark, and QEMU stands still or goes on.
      Files.write(spec.folder().resolve("deep.new"), new byte[10]);
      Files.write(spec.folder().resolve("work/asleep"), new byte[0]);
      again = restarted();
      assertThat(again.state()).isEqualTo(State.RUNNING);
      assertThat(spec.folder().resolve("deep.new")).doesNotExist();
      assertThat(spec.folder().resolve("work/asleep")).doesNotExist();

      // Killed on its way back: a QEMU that waits, and the file.
      deep(again);
      assertThat(spec.folder().resolve("work/waiting")).exists();
      Files.delete(spec.folder().resolve("work/asleep"));
      await().atMost(Duration.ofMinutes(5)).until(() -> qemus() == 1);
      again = restarted();
      assertThat(again.state()).isEqualTo(State.SUSPENDED);
      assertThat(((DeepSuspend) again).deep()).isTrue();
      await().atMost(Duration.ofMinutes(5)).until(() -> qemus() == 0);
      again.resume();
      awaitMore();

      deep(again);
      again.stop(Duration.ofMinutes(4));
      assertThat(again.await().cause()).isEqualTo(Exit.Cause.STOPPED);
      assertThat(spec.folder().resolve("deep")).doesNotExist();
      String[] all = lines();
      for (int i = 0; i < all.length - 2; i++) {
        assertThat(all[i]).startsWith(i + 1 + " ");
      }
      System.out.println("ended as " + again.await() + " after '" + all[all.length - 1] + "'");
    } finally {
      if (newDriver().recover(spec) instanceof Recovered.Found(Activity found)) {
        found.destroy();
      }
    }
    assertThat(qemus()).isZero();
  }
}
