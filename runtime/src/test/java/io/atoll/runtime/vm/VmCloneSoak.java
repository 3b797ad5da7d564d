package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Guest;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.disk.VmImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clones are different machines: as many as `./dev soak vm-clone --rounds N` says, two by default.
@Tag("real")
@Timeout(1800)
class VmCloneSoak {
  private static final MachineShape SHAPE = new MachineShape(1, 512);

  @TempDir Path folder;

  private ActivitySpec spec(List<String> command, Guest guest) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            "debian-12",
            command,
            Map.of(),
            new Resources(1000, 512L << 20, 0),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX,
            guest);
    return new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString()));
  }

  @Test
  void noTwoClonesShareAnIdentity() throws Exception {
    VmSettings settings = TestImage.settings(folder).withCloning(true);
    ProcessDriver processes =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    long cold = System.nanoTime();
    new Templates(processes, settings)
        .await(VmImage.of(settings.images().resolve("debian-12")), SHAPE, Duration.ofMinutes(15));
    System.out.println("template: made in " + millis(cold) + " ms");
    VmDriver driver = new VmDriver(processes, settings, (run, phase) -> {});
    String tell =
        "head -c 16 /dev/urandom | od -An -tx1; cat /etc/machine-id /proc/sys/kernel/random/boot_id"
            + " /etc/ssh/ssh_host_ed25519_key.pub; cat /sys/class/net/e*/address; hostname;"
            + " cat /var/lib/cloud/data/instance-id; date +%s";
    int clones = Integer.getInteger("atoll.fuzz.rounds", 2);
    List<Set<String>> seen = new ArrayList<>();
    for (int i = 0; i < clones; i++) {
      long began = System.nanoTime();
      ActivitySpec spec = spec(List.of("/bin/sh", "-c", tell), Guest.NONE);
      Activity clone = driver.prepare(spec).start();
      long started = millis(began);
      assertThat(clone.await().code()).isZero();
      List<String> lines =
          new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8)
              .lines()
              .toList();
      System.out.println(
          "clone: released after " + started + " ms, ended after " + millis(began) + " ms");
      assertThat(lines).hasSize(8);
      assertThat(lines.get(4)).isEqualTo(GuestOrder.mac(spec.id()));
      assertThat(lines.get(6)).isEqualTo(spec.id().toString());
      assertThat(Long.parseLong(lines.get(7)) * 1000)
          .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
      for (int line = 0; line < 7; line++) {
        if (i == 0) {
          seen.add(new HashSet<>());
        }
        assertThat(seen.get(line).add(lines.get(line))).as("line %d: %s", line, lines).isTrue();
      }
      clone.destroy();
    }
  }

  /// A login with a key that the template never saw; then the caller's user-data, as a phase.
  @Test
  void aCloneLetsItsOwnerIn() throws Exception {
    VmSettings settings = TestImage.settings(folder).withCloning(true);
    ProcessDriver processes =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    new Templates(processes, settings)
        .await(VmImage.of(settings.images().resolve("debian-12")), SHAPE, Duration.ofMinutes(15));
    VmDriver driver = new VmDriver(processes, settings, (run, phase) -> {});
    Path key = folder.resolve("key");
    new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
        .start()
        .waitFor();
    long began = System.nanoTime();
    ActivitySpec spec =
        spec(
            List.of(),
            new Guest(
                "beta",
                List.of(Files.readString(Path.of(key + ".pub")).strip()),
                "#cloud-config\nwrite_files: [{path: /etc/mine, content: mine}]\n"));
    Activity clone = driver.prepare(spec).start();
    int port = clone.endpoints().getFirst().hostPort();
    String said = "";
    while (!said.startsWith("beta") && millis(began) < 300_000) {
      said = VmBootSoak.ssh(key, port, "hostname");
    }
    System.out.println("clone: login " + millis(began) + " ms after the request");
    assertThat(said).isEqualTo("beta\n0\n");
    while (!said.startsWith("mine") && millis(began) < 600_000) {
      Thread.sleep(200);
      said = VmBootSoak.ssh(key, port, "cat /etc/mine");
    }
    System.out.println("clone: user-data " + millis(began) + " ms after the request");
    assertThat(said).isEqualTo("mine0\n");
    clone.destroy();
  }

  private static long millis(long since) {
    return (System.nanoTime() - since) / 1_000_000;
  }
}
