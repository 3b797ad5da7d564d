package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Machine;
import io.atoll.core.os.Spawner;
import io.atoll.core.os.UnixListener;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.core.term.Workload.Isolation;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Killed supervisors, late ones, full disks, floods of output and of processes.
@Tag("real")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class BadDayTest {
  @TempDir Path folder;

  /// The daemon died after its journal forgot a run and before the run's remains were removed.
  @ParameterizedTest
  @EnumSource(Isolation.class)
  void whatNoJournalKnowsIsGivenBack(Isolation isolation) throws Exception {
    ProcessDriver before = driver(runs());
    ActivitySpec known = Escape.spec(runs(), isolation, "sleep 77", 1);
    ActivitySpec live = Escape.spec(runs(), isolation, "sleep 77 & echo x; wait", 1);
    ActivitySpec ended = Escape.spec(runs(), isolation, "echo x", 1);
    Activity goesOn = before.prepare(known).start();
    Activity stray = before.prepare(live).start();
    await().until(() -> Files.exists(live.folder().resolve("out.0")));
    before.prepare(ended).start().await();

    ProcessDriver next = driver(runs());
    List<RunId> strays = next.strays(Set.of(known.id()));
    assertThat(strays).containsExactlyInAnyOrder(live.id(), ended.id());
    assertThat(next.reclaim(strays)).isEqualTo(2);
    assertThat(live.folder()).doesNotExist();
    assertThat(ended.folder()).doesNotExist();
    assertThat(stray.await()).isNotNull();
    assertThat(next.strays(Set.of(known.id()))).isEmpty();
    assertThat(goesOn.state()).isEqualTo(Activity.State.RUNNING);
    goesOn.destroy();
  }

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void aKilledSupervisorIsALostRunAndLeavesNothing(Isolation isolation) throws Exception {
    ProcessDriver driver = driver(runs());
    ActivitySpec spec =
        Escape.spec(runs(), isolation, "sleep 77 & setsid sleep 77 & echo x; wait", 1);
    Activity activity = driver.prepare(spec).start();
    await().until(() -> Files.exists(spec.folder().resolve("out.0")));
    ProcessHandle.of(supervisor(spec)).orElseThrow().destroyForcibly();
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.LOST);
    assertThat(exit.detail()).contains("supervisor was killed");
    assertNothingLeft(spec);
    Recovered found = driver(runs()).recover(spec);
    assertThat(((Recovered.Found) found).activity().await()).isEqualTo(exit);
    activity.destroy();
  }

  @Test
  void aSupervisorThatComesLateStartsNothing() throws Exception {
    Path witness = Files.createDirectory(folder.resolve("w"));
    ActivitySpec spec = Escape.spec(runs(), Isolation.BARE, "touch " + witness + "/began", 0);
    Prepared prepared = driver(runs()).prepare(spec);
    Recovered found = driver(runs()).recover(spec);
    Exit exit = ((Recovered.Found) found).activity().await();
    assertThat(exit.neverBegan()).isTrue();
    assertThat(prepared.start().await()).isEqualTo(exit);
    assertThat(witness).isEmptyDirectory();
    assertNothingLeft(spec);
  }

  @Test
  void aSecondSupervisorGoesAwayFromALiveRun() throws Exception {
    ProcessDriver driver = driver(runs());
    ActivitySpec spec = Escape.spec(runs(), Isolation.SANDBOX, "sleep 0.7; echo once; exit 5", 0);
    Activity activity = driver.prepare(spec).start();
    Path elsewhere = folder.resolve("second");
    try (UnixListener listener = UnixListener.bind(elsewhere, 1)) {
      Spawner.spawn(
          SupervisorBinary.path(), List.of(spec.folder().toString()), listener.descriptor(), 3);
    }
    assertThat(activity.await()).isEqualTo(Exit.of(5));
    assertThat(Escape.text(spec, OutputChunk.Stream.STDOUT)).isEqualTo("once\n");
    activity.destroy();
  }

  @Test
  void aFullDiskCostsOutputAndNothingElse() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root, to mount a small disk");
    Path small = Files.createDirectory(folder.resolve("small"));
    sh("mount -t tmpfs -o size=3m none " + small);
    try {
      Path runs = small.resolve("runs");
      ProcessDriver driver = driver(runs);
      Files.write(small.resolve("rest"), new byte[2_600_000]);
      ActivitySpec spec =
          Escape.spec(runs, Isolation.SANDBOX, "head -c 9000000 /dev/zero; echo late; exit 3", 0);
      Activity activity = driver.prepare(spec).start();
      Exit exit = activity.await();
      assertThat(exit.code()).isEqualTo(3);
      assertThat(exit.detail()).contains("did not fit on the disk");
      assertThat(activity.usage().outputBytes()).isEqualTo(9_000_005);
      Recovered found = driver(runs).recover(spec);
      assertThat(((Recovered.Found) found).activity().await()).isEqualTo(exit);

      sh("head -c 9000000 /dev/zero > " + small.resolve("rest") + " || true");
      ActivitySpec next = Escape.spec(runs, Isolation.SANDBOX, "exit 4", 0);
      assertThatThrownBy(() -> driver.prepare(next).start().await())
          .isInstanceOfSatisfying(
              DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
      Files.delete(small.resolve("rest"));
      activity.destroy();
      assertThat(driver.prepare(next).start().await()).isEqualTo(Exit.of(4));
    } finally {
      sh("umount -l " + small);
    }
  }

  @Test
  void outputLeavesRoomOnItsDiskForTheRest() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "needs root, to mount a small disk");
    Path small = Files.createDirectory(folder.resolve("small"));
    sh("mount -t tmpfs -o size=24m none " + small);
    try {
      Path runs = small.resolve("runs");
      ProcessDriver driver = driver(runs);
      String flood = "head -c 90000000 /dev/zero; echo late";
      Activity one = driver.prepare(Escape.spec(runs, Isolation.SANDBOX, flood, 0)).start();
      Activity two = driver.prepare(Escape.spec(runs, Isolation.BARE, flood, 0)).start();
      assertThat(one.await().code()).isZero();
      assertThat(two.await().code()).isZero();
      assertThat(Files.getFileStore(small).getUsableSpace()).isGreaterThan(2L << 20);
      assertThat(one.usage().outputBytes()).isEqualTo(90_000_005);
      Activity quiet = driver.prepare(Escape.spec(runs, Isolation.SANDBOX, "echo hi", 0)).start();
      assertThat(quiet.await()).isEqualTo(Exit.of(0));
    } finally {
      sh("umount -l " + small);
    }
  }

  @Test
  void aFloodOfOutputIsCappedAndTheNewestKept() throws Exception {
    ProcessDriver driver = driver(runs());
    long size = 1_000_000_000;
    ActivitySpec spec =
        Escape.spec(runs(), Isolation.SANDBOX, "head -c " + size + " /dev/zero; echo end", 0);
    Activity activity = driver.prepare(spec).start();
    long pid = supervisor(spec);
    long most = 0;
    while (activity.state() == Activity.State.RUNNING) {
      most = Math.max(most, rss(pid));
      Thread.sleep(20);
    }
    assertThat(activity.await()).isEqualTo(Exit.of(0));
    assertThat(most).isBetween(1L, 4L << 20);
    long kept = 0;
    try (var files = Files.list(spec.folder())) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("out.")).toList()) {
        kept += Files.size(file);
      }
    }
    assertThat(kept).isBetween(60L << 20, 66L << 20);
    List<OutputChunk> chunks = OutputRecords.read(spec.folder());
    assertThat(chunks.getLast().end()).isEqualTo(size + 4);
    assertThat(new String(chunks.getLast().data())).endsWith("end\n");
    for (int i = 1; i < chunks.size(); i++) {
      assertThat(chunks.get(i).offset()).isEqualTo(chunks.get(i - 1).end());
    }
    activity.destroy();
  }

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void aFloodOfProcessesIsContained(Isolation isolation) throws Exception {
    String bomb =
        "my ($ok, $no) = (0, 0); for (1..10000) { my $p = fork;"
            + " if (!defined $p) { $no++ } elsif ($p == 0) { sleep 100; exit } else { $ok++ } }"
            + " print \"$ok $no\\n\"; exit 6;";
    ActivitySpec spec = Escape.spec(runs(), isolation, List.of("perl", "-e", bomb), 0);
    Activity activity = driver(runs()).prepare(spec).start();
    assertThat(activity.await()).isEqualTo(Exit.of(6));
    String[] counts = Escape.text(spec, OutputChunk.Stream.STDOUT).strip().split(" ");
    assertThat(Integer.parseInt(counts[0])).isBetween(10, 64);
    assertThat(Integer.parseInt(counts[0]) + Integer.parseInt(counts[1])).isEqualTo(10_000);
    assertNothingLeft(spec);
    activity.destroy();
  }

  @Test
  void aFolderMayLieAsDeepAsItLikes() throws Exception {
    Path deep = folder;
    while (deep.toString().length() < 400) {
      deep = deep.resolve("a-folder-with-a-rather-long-name");
    }
    ActivitySpec spec = Escape.spec(deep, Isolation.SANDBOX, "echo deep > a; exit 7", 1);
    Activity activity = driver(deep).prepare(spec).start();
    assertThat(activity.await()).isEqualTo(Exit.of(7));
    activity.destroy();
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void badClientsHurtNobody() throws Exception {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("bad clients: seed " + seed);
    Random random = new Random(seed);
    ProcessDriver driver = driver(runs());
    ActivitySpec spec =
        Escape.spec(runs(), Isolation.SANDBOX, "while [ ! -e go ]; do echo x; done; exit 9", 1);
    Activity activity = driver.prepare(spec).start();
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      SocketChannel client = UnixListener.connect(spec.folder().resolve("sock"));
      byte[] noise = new byte[1 + random.nextInt(2000)];
      random.nextBytes(noise);
      noise[0] = (byte) (64 + random.nextInt(64)); // no verb: a stop would be obeyed
      try {
        client.write(ByteBuffer.wrap(noise));
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("pipe"); // dropped already
      }
      if (i % 3 == 0) {
        client.close();
      } else {
        silent.add(client);
      }
    }
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
    Files.createFile(spec.folder().resolve("work/go"));
    assertThat(activity.await().cause()).isIn(Exit.Cause.EXITED, Exit.Cause.STOPPED);
    for (SocketChannel client : silent) {
      client.close();
    }
    activity.destroy();
  }

  @Test
  void refusesWhatItCannotDo() throws Exception {
    ProcessDriver driver = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs()));
    Workload plain = Escape.spec(runs(), Isolation.SANDBOX, "true", 0).workload();
    assertRefused(driver, with(plain, "busybox", List.of("true"), false), ErrorCode.BAD_REQUEST);
    assertRefused(driver, with(plain, null, List.of("true"), true), ErrorCode.BAD_REQUEST);
    assertRefused(driver, with(plain, null, List.of(), false), ErrorCode.BAD_REQUEST);
    assertRefused(driver, with(plain, null, List.of("a\0b"), false), ErrorCode.BAD_REQUEST);
    assertRefused(
        driver, Escape.spec(runs(), Isolation.BARE, "true", 0).workload(), ErrorCode.DENIED);
    ProcessDriver without =
        new ProcessDriver(
            ProcessSettings.of(SupervisorBinary.path(), runs())
                .withBubblewrap(Path.of("/no/bwrap")));
    assertRefused(without, plain, ErrorCode.NO_SANDBOX);
    assertThat(without.fingerprint().available()).isFalse();
    assertThat(without.fingerprint().findings().getFirst().remedy()).contains("install bubblewrap");
  }

  @Test
  void stopsWhatFillsTheDisk() throws Exception {
    ActivitySpec spec =
        Escape.spec(
            runs(),
            Isolation.SANDBOX,
            "for i in 1 2 3; do head -c 900000 /dev/zero > $i; done; sleep 60",
            1);
    Activity activity = driver(runs()).prepare(spec).start();
    Exit exit = activity.await();
    assertThat(exit.cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(exit.detail()).contains("of disk; its limit is 1Mi");
    activity.destroy();
  }

  @Test
  void theMachinesShutdownStopsARun() throws Exception {
    ActivitySpec spec =
        Escape.spec(
            runs(),
            Isolation.SANDBOX,
            "trap 'exit 2' TERM; echo up; while :; do sleep 0.05; done",
            0);
    Activity activity = driver(runs()).prepare(spec).start();
    await().until(() -> Files.exists(spec.folder().resolve("out.0")));
    ProcessHandle.of(supervisor(spec)).orElseThrow().destroy();
    Exit exit = activity.await();
    assertThat(exit).isEqualTo(new Exit(Exit.Cause.STOPPED, 2, "the machine is shutting down"));
    activity.destroy();
  }

  private static Workload with(Workload w, String image, List<String> command, boolean publish) {
    return new Workload(
        w.driver(),
        image,
        command,
        w.env(),
        w.resources(),
        w.maxProcesses(),
        w.ports(),
        publish,
        w.isolation());
  }

  private void assertRefused(ProcessDriver driver, Workload workload, ErrorCode code)
      throws Exception {
    ActivitySpec named = Escape.spec(runs(), Isolation.SANDBOX, "true", 0);
    ActivitySpec spec = new ActivitySpec(named.id(), workload, named.folder());
    assertThatThrownBy(() -> driver.prepare(spec))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
            });
    assertThat(spec.folder()).doesNotExist();
  }

  /// By /proc and the control groups, not by what the driver says.
  static void assertNothingLeft(ActivitySpec spec) throws Exception {
    for (String uid : SpecFile.values(spec.folder(), "uid")) {
      assertThat(ProcessTable.ofUser(Integer.parseInt(uid))).isEmpty();
    }
    for (String group : SpecFile.values(spec.folder(), "remove")) {
      assertThat(Path.of(group)).doesNotExist();
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        ProcessHandle.allProcesses()
                            .filter(p -> p.info().commandLine().orElse("").contains(spec.id() + ""))
                            .toList())
                    .isEmpty());
  }

  private static long supervisor(ActivitySpec spec) throws Exception {
    byte[] began = Files.readAllBytes(spec.folder().resolve("began"));
    return ByteBuffer.wrap(began).getInt(8);
  }

  private static long rss(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      return 0; // it has ended
    }
    return 0;
  }

  private static void sh(String command) throws Exception {
    assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).as(command).isZero();
  }

  private ProcessDriver driver(Path runs) throws Exception {
    return new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs).withBare(true));
  }

  private Path runs() {
    return folder.resolve("runs");
  }
}
