package io.atoll.runtime.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Guest;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.disk.VmImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// From the request to a login by SSH with the caller's key, cold and as a clone, alternated: the
/// promise is that a clone takes a sixth at most. `-Datoll.vm.logins=N` rounds.
@Tag("real")
@Timeout(3600)
class VmLoginSoak {
  private static final MachineShape SHAPE = new MachineShape(1, 512);
  private static final Duration PATIENT = Duration.ofMinutes(15);

  @TempDir Path folder;

  @Test
  void aCloneIsLoggedInToInASixthOfAColdBoot() throws Exception {
    Path runs = folder.resolve("runs");
    ProcessDriver processes = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    VmSettings cold = TestImage.settings(folder);
    VmSettings warm = cold.withCloning(true);
    new Templates(processes, warm)
        .await(VmImage.of(warm.images().resolve("debian-12")), SHAPE, PATIENT);
    VmDriver boots = new VmDriver(processes, cold, (run, phase) -> {});
    VmDriver clones = new VmDriver(processes, warm, (run, phase) -> {});
    Path key = folder.resolve("key");
    assertThat(
            new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                .start()
                .waitFor())
        .isZero();
    List<Long> booted = new ArrayList<>();
    List<Long> cloned = new ArrayList<>();
    int rounds = Integer.getInteger("atoll.vm.logins", 3);
    for (int round = 0; round < rounds; round++) {
      booted.add(login(boots, key, "boot" + round));
      cloned.add(login(clones, key, "clone" + round));
      System.out.println(
          "login: cold " + booted.getLast() + " ms, clone " + cloned.getLast() + " ms");
    }
    booted.sort(null);
    cloned.sort(null);
    long boot = booted.get(rounds / 2);
    long clone = cloned.get(rounds / 2);
    System.out.println("login: median cold " + boot + " ms, clone " + clone + " ms");
    assertThat(clone * 6).isLessThanOrEqualTo(boot);
  }

  private long login(VmDriver driver, Path key, String host) throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            "debian-12",
            List.of(),
            Map.of(),
            new Resources(1000, (long) SHAPE.memoryMib() << 20, 0),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX,
            new Guest(host, List.of(Files.readString(Path.of(key + ".pub")).strip()), ""));
    long began = System.nanoTime();
    Activity machine =
        driver
            .prepare(new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString())))
            .start();
    try {
      int port = machine.endpoints().getFirst().hostPort();
      String said = "";
      while (!said.equals(host + "\n0\n") && System.nanoTime() - began < PATIENT.toNanos()) {
        Thread.sleep(100);
        said = VmBootSoak.ssh(key, port, "hostname");
      }
      assertThat(said).isEqualTo(host + "\n0\n");
      long millis = (System.nanoTime() - began) / 1_000_000;
      System.out.println(
          host + ": " + machine.usage().cpuNanos() / 1_000_000 + " ms of QEMU's processor time");
      return millis;
    } finally {
      machine.destroy();
    }
  }
}
