package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.os.Machine;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// A sandboxed payload tries to get out: under a daemon that is root, and under one that is not.
@Tag("real")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class SandboxEscapeTest {
  private static final int ATTEMPTS = 55;
  private static final int NOBODY = 65534;
  @TempDir Path folder;

  @Test
  void nothingGetsOutUnderARoot() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root");
    String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
    assertNoEscape(Escape.attempt(driver(), runs()));
    assertThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern"))).isEqualTo(pattern);
  }

  @Test
  void nothingGetsOutByACard() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root");
    assertNoEscape(Escape.attempt(driver(), runs(), Workload.Isolation.SANDBOX, Escape.card()));
  }

  @Test
  void aPayloadHasAUidOfItsOwn() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root");
    ProcessDriver driver = driver();
    Set<String> uids = new LinkedHashSet<>();
    List<Activity> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ActivitySpec spec = Escape.spec(runs(), Workload.Isolation.SANDBOX, "sleep 60", 1);
      all.add(driver.prepare(spec).start());
      String uid = SpecFile.values(spec.folder(), "uid").getFirst();
      assertThat(ProcessTable.ofUser(Integer.parseInt(uid))).isNotEmpty();
      assertThat(Integer.parseInt(uid)).isGreaterThanOrEqualTo(2_000_000_000);
      uids.add(uid);
    }
    assertThat(uids).hasSize(3);
    for (Activity activity : all) {
      activity.destroy();
    }
    for (String uid : uids) {
      assertThat(ProcessTable.ofUser(Integer.parseInt(uid))).isEmpty();
    }
  }

  @Test
  void killingEverybodyKillsOnlyItself() throws Exception {
    ProcessDriver driver = driver();
    ActivitySpec other = Escape.spec(runs(), Workload.Isolation.SANDBOX, "sleep 60", 0);
    Activity neighbour = driver.prepare(other).start();
    ActivitySpec spec =
        Escape.spec(runs(), Workload.Isolation.SANDBOX, "kill -9 -1; echo still here", 0);
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.await().cause()).isIn(Exit.Cause.EXITED, Exit.Cause.SIGNALED);
    assertThat(neighbour.state()).isEqualTo(Activity.State.RUNNING);
    activity.destroy();
    neighbour.destroy();
  }

  @Test
  void aForeignCallingConventionIsKilled() throws Exception {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "x32 is of amd64");
    List<String> command = List.of("perl", "-e", "syscall(0x40000000 | 39); print 'alive'");
    ActivitySpec spec = Escape.spec(runs(), Workload.Isolation.SANDBOX, command, 0);
    Activity activity = driver().prepare(spec).start();
    assertThat(activity.await()).isEqualTo(new Exit(Exit.Cause.SIGNALED, 128 + 31, ""));
    activity.destroy();
  }

  @Test
  void theSizesOfWritableFoldersHold() throws Exception {
    ActivitySpec spec =
        Escape.spec(
            runs(),
            Workload.Isolation.SANDBOX,
            "head -c 3000000 /dev/zero > a && echo fits; wc -c < a;"
                + " head -c 9000000 /dev/zero > b; stat -c %s b; pwd; df /tmp | tail -1",
            4);
    Activity activity = driver().prepare(spec).start();
    activity.await();
    String out = Escape.text(spec, OutputChunk.Stream.STDOUT);
    assertThat(out).contains("fits\n3000000\n").contains("\n4194304\n/work\n").contains("131072");
    activity.destroy();
  }

  @Test
  void nothingGetsOutUnderAnOrdinaryUser() throws Exception {
    String out = asOrdinaryUser("600");
    assertNoEscape(out);
    assertThat(out)
        .contains("available true")
        .contains("finding own user LIMITED")
        .contains("finding memory limit LIMITED not enforced")
        .contains("finding networks LIMITED opening /dev/net/tun")
        .contains("networks DRIVER_CANNOT: process tasks cannot join networks on this node")
        .contains("bare DENIED")
        .contains("suspend true true STOPPED")
        .contains("lost SANDBOX LOST left 0")
        .contains("lost BARE LOST left 0")
        .contains("done");
  }

  /// Where everybody may make devices of packets, in a namespace of his own.
  @Test
  void anOrdinaryUsersPayloadsHaveCards() throws Exception {
    String out = asOrdinaryUser("666");
    assertNoEscape(out, 2);
    assertThat(out)
        .contains("finding networks OK")
        .contains("card pings true, beside lo net0")
        .contains("moved card pings true")
        .contains("done");
  }

  /// The daemon's side runs in a JVM of its own, as nobody, on copies of our classes, and finds
  /// `/dev/net/tun` with this mode.
  private String asOrdinaryUser(String mode) throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root, to become somebody else");
    Assumptions.assumeTrue(TunDevice.missing() == null, "needs /dev/net/tun");
    open(folder);
    Path classes = Files.createDirectory(folder.resolve("classes"));
    for (Class<?> type :
        List.of(ProcessDriver.class, RunId.class, OrdinaryUser.class, LoggerFactory.class)) {
      Path source = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(source)) {
        copyTree(source, classes);
      } else {
        try (FileSystem jar = FileSystems.newFileSystem(source)) {
          copyTree(jar.getPath("/"), classes);
        }
      }
    }
    Path supervisor = folder.resolve("atoll-supervisor");
    Files.copy(SupervisorBinary.path(), supervisor);
    Path home = Files.createDirectory(folder.resolve("home"));
    Machine.give(home, NOBODY, NOBODY);
    List<String> command = new ArrayList<>();
    String id = String.valueOf(NOBODY);
    Path device = folder.resolve("tun");
    String mount =
        "mknod -m " + mode + " \"$0\" c 10 200 && mount --bind \"$0\" /dev/net/tun && exec \"$@\"";
    command.addAll(List.of("unshare", "--mount", "sh", "-c", mount, device.toString()));
    command.addAll(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp"));
    command.addAll(List.of(classes.toString(), OrdinaryUser.class.getName()));
    command.addAll(List.of(supervisor.toString(), home.resolve("runs").toString()));
    Process process =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return out;
  }

  /// The attempts are real: without a sandbox some of them work.
  @Test
  void theSameAttemptsGetOutOfNoSandbox() throws Exception {
    ProcessDriver bare =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs()).withBare(true));
    String out = Escape.attempt(bare, runs(), Workload.Isolation.BARE);
    assertThat(out).contains("ESCAPED seccomp", "ESCAPED clone3", "ESCAPED sight of the host");
    assertThat(out).contains("ok core_pattern", "ok signal to the host", "ok files of another run");
  }

  private static void assertNoEscape(String out) {
    assertNoEscape(out, 1);
  }

  private static void assertNoEscape(String out, int times) {
    List<String> lines = out.lines().toList();
    assertThat(lines).as(out).noneMatch(line -> line.startsWith("ESCAPED"));
    assertThat(lines.stream().filter(line -> line.startsWith("ok ")).count())
        .as(out)
        .isEqualTo((long) times * ATTEMPTS);
    assertThat(lines).contains("end");
  }

  private ProcessDriver driver() throws Exception {
    return new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs()));
  }

  private Path runs() {
    return folder.resolve("runs");
  }

  private static void open(Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void copyTree(Path from, Path to) throws Exception {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws java.io.IOException {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            if (!Files.exists(copy)) {
              Files.copy(file, copy);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
