package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Guest;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.vm.VmPhase.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One machine from its image: everything that a cold boot is needed for, in one boot each.
@Tag("real")
@Timeout(900)
class VmBootSoak {
  @TempDir Path folder;
  private final List<VmPhase> phases = new CopyOnWriteArrayList<>();
  private final List<Activity> started = new ArrayList<>();

  private VmDriver driver() throws Exception {
    Path runs = folder.resolve("runs");
    ProcessDriver processes = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    return new VmDriver(processes, TestImage.settings(folder), (run, phase) -> phases.add(phase));
  }

  @AfterEach
  void endAll() throws Exception {
    for (Activity activity : started) {
      activity.destroy();
    }
  }

  private ActivitySpec spec(List<String> command, Map<String, String> env, long disk, Guest guest) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            "debian-12",
            command,
            env,
            new Resources(1000, 512L << 20, disk),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX,
            guest);
    return new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString()));
  }

  private static String text(ActivitySpec spec, OutputChunk.Stream stream) throws Exception {
    return new String(OutputRecords.bytes(spec.folder(), stream), UTF_8);
  }

  /// Boots, answers, lets its owner in, stands still, is found again, grows its disk, ends when
  /// asked.
  @Test
  void aMachineFromBootToShutdown() throws Exception {
    Path key = folder.resolve("key");
    assertThat(
            new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                .start()
                .waitFor())
        .isZero();
    String data = "#cloud-config\nwrite_files: [{path: /etc/mine, content: 'ü: [1]'}]\n";
    ActivitySpec spec =
        spec(
            List.of(),
            Map.of(),
            3L << 30,
            new Guest("alpha", List.of(Files.readString(Path.of(key + ".pub")).strip()), data));
    long began = System.nanoTime();
    VmDriver driver = driver();
    assertThat(driver.fingerprint().available()).isTrue();
    Activity machine = driver.prepare(spec).start();
    started.add(machine);
    Endpoint ssh = machine.endpoints().getFirst();
    assertThat(ssh.port().number()).isEqualTo(22);
    assertThat(machine.state()).isEqualTo(Activity.State.RUNNING);
    await()
        .atMost(Duration.ofMinutes(8))
        .until(() -> kinds().contains(Kind.READY) || kinds().contains(Kind.ENDED));
    System.out.println("vm: ready " + seconds(began) + " s after the request: " + phases.getLast());
    assertThat(kinds()).startsWith(Kind.BOOTING).doesNotContain(Kind.ENDED);

    await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> ssh(key, ssh.hostPort(), "true").equals("0\n"));
    System.out.println("vm: login " + seconds(began) + " s after the request");
    assertThat(ssh(key, ssh.hostPort(), "hostname; sudo cat /etc/mine; exit 3"))
        .isEqualTo("alpha\nü: [1]3\n");
    try (GuestAgent agent =
        GuestAgent.connect(((VmActivity) machine).agentSocket(), Duration.ofMinutes(1))) {
      String said =
          new String(
              agent
                  .execute(
                      List.of(
                          "/bin/sh",
                          "-c",
                          "df -m / | awk 'END {print ($2 > 2900)}'; cat /sys/class/net/e*/address;"
                              + " timeout 5 bash -c 'exec 3<>/dev/tcp/10.0.2.2/22' 2>/dev/null;"
                              + " echo host $?"),
                      new byte[0],
                      Duration.ofMinutes(1))
                  .out(),
              UTF_8);
      assertThat(said)
          .startsWith("1\n" + GuestOrder.mac(spec.id()) + "\n")
          .doesNotContain("host 0");
    }

    long before = System.nanoTime();
    machine.suspend();
    System.out.println("vm: suspended in " + (System.nanoTime() - before) / 1000 + " µs");
    assertThat(machine.state()).isEqualTo(Activity.State.SUSPENDED);
    phases.clear();
    Activity again = ((Recovered.Found) driver().recover(spec)).activity();
    started.set(0, again);
    assertThat(again.state()).isEqualTo(Activity.State.SUSPENDED);
    assertThat(again.endpoints()).isEqualTo(machine.endpoints());
    again.resume();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> kinds().contains(Kind.READY) || kinds().contains(Kind.ENDED));
    assertThat(again.usage().cpuNanos()).isGreaterThan(1_000_000_000L);
    assertThat(again.usage().memory()).isGreaterThan(100L << 20);

    again.stop(Duration.ofMinutes(4));
    assertThat(again.await()).isEqualTo(new Exit(Exit.Cause.STOPPED, 0, ""));
    assertThat(text(spec, OutputChunk.Stream.STDOUT)).contains("alpha login:");
    again.destroy();
    assertThat(spec.folder()).doesNotExist();
  }

  /// A command in a machine that boots, by way of cloud-init alone.
  @Test
  void aCommandInABootedMachine() throws Exception {
    ActivitySpec spec =
        spec(
            List.of(
                "/bin/sh", "-c", "printf '%s|' \"$@\" \"$ODD\"; echo bad >&2; exit 7", "sh", "a b"),
            Map.of("ODD", "two\nlines = 'ü'"),
            0,
            Guest.NONE);
    Activity machine = driver().prepare(spec).start();
    started.add(machine);
    assertThat(machine.await()).isEqualTo(Exit.of(7));
    assertThat(text(spec, OutputChunk.Stream.STDOUT)).isEqualTo("a b|two\nlines = 'ü'|");
    assertThat(text(spec, OutputChunk.Stream.STDERR)).isEqualTo("bad\n");
  }

  private List<Kind> kinds() {
    return phases.stream().map(VmPhase::kind).toList();
  }

  private static long seconds(long began) {
    return Duration.ofNanos(System.nanoTime() - began).toSeconds();
  }

  /// What a command says over SSH, and then its status.
  static String ssh(Path key, int port, String command) throws Exception {
    Process process =
        new ProcessBuilder(
                "ssh",
                "-q",
                "-i",
                key.toString(),
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=20",
                "-p",
                String.valueOf(port),
                "debian@127.0.0.1",
                command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return said + process.waitFor() + "\n";
  }
}
