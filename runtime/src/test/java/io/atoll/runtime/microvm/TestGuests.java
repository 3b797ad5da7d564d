package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.QemuProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// What the tests of guests need: kernel and initramfs of this checkout, and an image of busybox.
public final class TestGuests {
  private static Path guest;
  private static Path busybox;

  private TestGuests() {}

  /// Settings with state in a folder of the test's own.
  public static synchronized MicrovmSettings settings(Path state) throws Exception {
    Assumptions.assumeTrue(
        QemuProgram.find("x86_64", List.of()).isPresent(),
        "qemu: qemu-system-x86_64 is not installed");
    Path supervisor = SupervisorBinary.path();
    if (guest == null) {
      Path root = supervisor.getParent().getParent().getParent().getParent();
      run(List.of("sh", root.resolve("tools/guest.sh").toString()));
      guest = root.resolve(".build/guest");
    }
    return MicrovmSettings.of(supervisor, guest, state);
  }

  /// Images of the tests: `busybox:1`, and no other.
  public static MicrovmImages images() {
    return (run, reference) -> {
      if (!reference.equals("busybox:1")) {
        throw new DriverException(
            ErrorCode.IMAGE_NOT_FOUND, "no image " + reference, "use busybox:1");
      }
      try {
        return new MicrovmImage(
            busybox(), List.of(), List.of("/bin/sh", "-c", "echo of the image"), Map.of(), "", "");
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /// A squashfs of busybox with all its names under /bin.
  public static synchronized Path busybox() throws IOException {
    if (busybox != null) {
      return busybox;
    }
    Path program = Path.of("/bin/busybox");
    Assumptions.assumeTrue(Files.exists(program), "qemu: busybox-static is not installed");
    Path root = Files.createTempDirectory("atoll-guest-image");
    Path bin = Files.createDirectories(root.resolve("bin"));
    TestImages.compile("/ask.c", bin.resolve("ask"));
    Files.createDirectory(root.resolve("etc"));
    Files.copy(program, bin.resolve("busybox"));
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nsomebody:x:1234:1234::/:/bin/sh\n");
    Process list = new ProcessBuilder(program.toString(), "--list").start();
    for (String name : new String(list.getInputStream().readAllBytes()).split("\n")) {
      if (!name.equals("busybox")) {
        Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
      }
    }
    Path made = Files.createTempDirectory("atoll-guest-squashfs").resolve("busybox.squashfs");
    run(
        List.of(
            "mksquashfs",
            root.toString(),
            made.toString(),
            "-noappend",
            "-all-root",
            "-comp",
            "zstd",
            "-Xcompression-level",
            "3"));
    run(List.of("rm", "-rf", root.toString()));
    busybox = made;
    return made;
  }

  /// A task for this driver.
  public static Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return new Workload(
        "microvm",
        "busybox:1",
        command,
        env,
        resources,
        maxProcesses,
        List.of(),
        false,
        Workload.Isolation.SANDBOX);
  }

  private static void run(List<String> command) throws IOException {
    Path said = Files.createTempFile("atoll-guest", ".log");
    try {
      int code =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start()
              .waitFor();
      if (code != 0) {
        throw new IOException(
            String.join(" ", command) + " exited with " + code + ":\n" + Files.readString(said));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      Files.deleteIfExists(said);
    }
  }
}
