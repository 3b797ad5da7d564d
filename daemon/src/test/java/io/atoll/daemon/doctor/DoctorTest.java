package io.atoll.daemon.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.VersionView;
import io.atoll.core.identity.Identity;
import io.atoll.daemon.doctor.Examination.Weight;
import io.atoll.daemon.doctor.Report.Check;
import io.atoll.p2p.host.Stack;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DoctorTest {
  private static final VersionView OURS = new VersionView("0.1.0", "abc", "25", "linux");
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path temp;

  private static Examination part(String name, Weight weight, Level... levels) {
    return new Examination(
        name,
        weight,
        () ->
            List.of(levels).stream()
                .map(level -> new Finding("thing", level, "seen", "do this"))
                .toList());
  }

  @Test
  void aProviderNeedsOneDriverAndEverythingNeeded() throws Exception {
    Examination java = part("java", Weight.NEEDED, Level.OK, Level.LIMITED);
    Examination process = part("process", Weight.DRIVER, Level.LIMITED);
    Examination docker = part("docker", Weight.DRIVER, Level.OK, Level.MISSING);
    Examination hubs = part("hubs", Weight.NOTE, Level.MISSING);
    Report good = Doctor.examine(List.of(java, process, docker, hubs), LONG);
    assertThat(good.ready()).isTrue();
    assertThat(good.drivers()).containsExactly("process");
    assertThat(good.checks()).hasSize(6);
    assertThat(Doctor.examine(List.of(java, docker), LONG).ready()).isFalse();
    Examination disk = part("disk", Weight.NEEDED, Level.MISSING);
    assertThat(Doctor.examine(List.of(disk, process), LONG).ready()).isFalse();
  }

  @Test
  void whatHangsOrFailsHoldsUpNothing() throws Exception {
    AtomicBoolean interrupted = new AtomicBoolean();
    Examination hangs =
        new Examination(
            "docker",
            Weight.DRIVER,
            () -> {
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
              return List.of();
            });
    Examination fails =
        new Examination(
            "hubs",
            Weight.NOTE,
            () -> {
              throw new NoSuchFileException("/some/file");
            });
    long began = System.nanoTime();
    Report report =
        Doctor.examine(
            List.of(part("process", Weight.DRIVER, Level.OK), hangs, fails), Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(interrupted).isTrue();
    assertThat(report.ready()).isTrue();
    assertThat(report.checks())
        .extracting(Check::part, Check::cause)
        .contains(
            org.assertj.core.groups.Tuple.tuple("docker", "none within 1 s"),
            org.assertj.core.groups.Tuple.tuple(
                "hubs", "it failed: /some/file: no such file or folder"));
  }

  private static Finding named(List<Finding> findings, String what) {
    return findings.stream().filter(f -> f.what().equals(what)).findFirst().orElseThrow();
  }

  @Test
  void theDataFolderIsReallyWrittenTo() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("data"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    assertThat(named(FolderTrial.of(folder), "write").cause()).contains("reached the disk");
    assertThat(FolderTrial.of(folder)).allSatisfy(f -> assertThat(f.level()).isEqualTo(Level.OK));
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Finding open = named(FolderTrial.of(folder), "folder is private");
    assertThat(open.level()).isEqualTo(Level.LIMITED);
    assertThat(open.remedy()).isEqualTo("chmod 700 " + folder);
    Path key = Files.writeString(folder.resolve("cli.key"), "secret");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(named(FolderTrial.of(folder), "cli.key is private").level())
        .isEqualTo(Level.MISSING);
    assertThat(named(FolderTrial.of(key), "write").cause()).contains("is no folder");
    assertThat(named(FolderTrial.of(temp.resolve("a/b")), "write").cause())
        .contains("is not there yet");
    assertThat(temp.resolve("a")).doesNotExist();
    assertThat(named(FolderTrial.of(Path.of("/proc/none")), "write").level())
        .isEqualTo(Level.MISSING);
  }

  @Test
  void aClockThatWasSetBackIsNoticed() throws Exception {
    assertThat(SystemTrials.clock(temp).getFirst().level()).isEqualTo(Level.OK);
    Path file = Files.writeString(temp.resolve("hub.db"), "");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plus(Duration.ofHours(2))));
    assertThat(SystemTrials.clock(temp).getFirst().level()).isEqualTo(Level.LIMITED);
    assertThat(SystemTrials.clock(temp.resolve("none")).getFirst().level()).isEqualTo(Level.OK);
  }

  @Test
  void twoPeersMeetAndHubsAreDialled() throws Exception {
    assertThat(DialTrial.loopback().getFirst().level()).isEqualTo(Level.OK);
    assertThat(DialTrial.hubs(temp, Stack.standard())).isEmpty();
    Identity.at(temp.resolve("identity"));
    assertThat(DialTrial.hubs(temp, Stack.standard())).isEmpty();
    Files.writeString(temp.resolve("provider.journal"), "garbage");
    assertThat(DialTrial.hubs(temp, Stack.standard())).isEmpty();
  }

  @Test
  void aDaemonThatHoldsTheFolderButIsSilentIsMissing() throws Exception {
    Path lock = temp.resolve("daemon.lock");
    DaemonTrial trial = new DaemonTrial(temp, lock, OURS);
    assertThat(trial.run().getFirst().cause()).contains("no daemon uses");
    Files.writeString(lock, ProcessHandle.current().pid() + "\n");
    try (ServerSocket mute = new ServerSocket()) {
      mute.bind(new InetSocketAddress("127.0.0.1", 0));
      Files.writeString(temp.resolve("api"), "http://127.0.0.1:" + mute.getLocalPort() + "\n");
      Finding silent = trial.run().getFirst();
      assertThat(silent.level()).isEqualTo(Level.MISSING);
      assertThat(silent.cause())
          .contains("process " + ProcessHandle.current().pid())
          .contains("does not answer");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    Files.writeString(lock, "999999999\n");
    assertThat(trial.run().getFirst().level()).isEqualTo(Level.OK);
  }
}
