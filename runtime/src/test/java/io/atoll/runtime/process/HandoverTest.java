package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.os.Machine;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A run sees what it is handed, and nothing more of the same kind.
@Tag("real")
@EnabledOnOs(OS.LINUX)
class HandoverTest {
  @TempDir Path folder;

  @Test
  void aPrivateFileAndADeviceAreThereForTheRunAlone() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "handed over");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path device = Path.of("/dev/full"); // not in a sandbox's /dev by itself as one that it owns
    ProcessDriver driver =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Path meeting = Files.createDirectory(folder.resolve("meeting"));
    Files.setPosixFilePermissions(meeting, PosixFilePermissions.fromString("rwx------"));
    // Not every sh knows descriptors of two digits.
    String script =
        "cat <&10; echo; stat -c '%F %a' "
            + device
            + "; echo x > "
            + device
            + " || echo full;"
            + " touch own && echo kept; stat -c %U /meet; echo met > /meet/word";
    ActivitySpec spec =
        new ActivitySpec(
            id,
            new Workload(
                "process",
                null,
                List.of("/bin/bash", "-c", script),
                Map.of(),
                new Resources(1000, 64L << 20, 1 << 20),
                16,
                List.of(),
                false,
                Workload.Isolation.SANDBOX),
            folder.resolve("runs").resolve(id.toString()));
    Handover handover = new Handover(List.of(new HandedFile(10, secret)), device, meeting);
    Activity activity = driver.prepare(spec, handover).start();
    assertThat(activity.await()).isEqualTo(Exit.of(0));
    String out = Escape.text(spec, OutputChunk.Stream.STDOUT);
    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(device));
    boolean root = Machine.uid() == 0;
    assertThat(out)
        .isEqualTo(
            "handed over\ncharacter special file "
                + (root ? "600" : mode.equals("rw-rw-rw-") ? "666" : "600")
                + "\nfull\nkept\ntask\n");
    activity.destroy();
    assertThat(meeting.resolve("word")).hasContent("met\n");
  }

  @Test
  void aProgramOfOursThatNeedsNoNetworkHasNone() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "only root makes networks for programs of ours");
    ProcessDriver driver =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    String here = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    ActivitySpec usual = ofOurs("readlink /proc/self/ns/net");
    assertThat(said(driver.prepareOwn(usual), usual)).isEqualTo(here + "\n");
    ActivitySpec alone = ofOurs("readlink /proc/self/ns/net; tail -n +3 /proc/net/dev");
    assertThat(said(driver.prepareAlone(alone), alone))
        .startsWith("net:[")
        .doesNotContain(here)
        .matches("net:\\S+\n\\s*lo:[ 0-9]+\n");
  }

  private ActivitySpec ofOurs(String script) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "process",
            null,
            List.of("/bin/sh", "-c", script),
            Map.of(),
            new Resources(1000, 64L << 20, 1 << 20),
            16,
            List.of(),
            false,
            Workload.Isolation.BARE);
    return new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString()));
  }

  private static String said(Prepared prepared, ActivitySpec spec) throws Exception {
    Activity activity = prepared.start();
    assertThat(activity.await()).isEqualTo(Exit.of(0));
    String out = Escape.text(spec, OutputChunk.Stream.STDOUT);
    activity.destroy();
    return out;
  }
}
