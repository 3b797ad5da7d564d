package io.atoll.runtime.microvm;

import io.atoll.core.os.FolderRemoval;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.HostSystem;
import io.atoll.runtime.qemu.QemuProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out whether an accelerator works by booting our guest with it, in a child of ours. That
/// `/dev/kvm` opens says nothing: there are machines on which a few instructions run with it, and a
/// kernel hangs.
final class AcceleratorProbe {
  /// A kernel that gets to its agent at all does so in a fraction of this with an accelerator.
  static final Duration LIMIT = Duration.ofSeconds(6);

  private static final Logger log = LoggerFactory.getLogger(AcceleratorProbe.class);

  private AcceleratorProbe() {}

  /// @param cause what was seen, for people
  record Verdict(Accelerator accelerator, boolean works, String cause) {}

  static Verdict probe(QemuProgram qemu, GuestFiles guest, Accelerator accelerator, Duration limit)
      throws InterruptedException {
    if (accelerator == Accelerator.KVM && !Files.isReadable(Path.of("/dev/kvm"))) {
      return new Verdict(accelerator, false, "there is no /dev/kvm that this user may open");
    }
    Path folder = null;
    Process process = null;
    long begin = System.nanoTime();
    try {
      folder = Files.createTempDirectory("atoll-probe");
      Path empty = Files.write(folder.resolve("disk"), new byte[1 << 20]);
      Path said = folder.resolve("said");
      MicrovmCommand command =
          new MicrovmCommand(
              qemu.path().toString(),
              HostSystem.current(),
              new MachineShape(qemu.text(), qemu.machine(), accelerator, 1, 128, 0),
              new MicrovmCommand.Beginning.Boot(
                  guest.kernel().toString(), guest.initramfs().toString()),
              empty.toString(),
              -1,
              folder.toString(),
              folder.toString());
      process =
          new ProcessBuilder(command.words())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      boolean answered = answers(process, folder.resolve("agent"), begin + limit.toNanos());
      long millis = (System.nanoTime() - begin) / 1_000_000;
      if (answered) {
        return new Verdict(accelerator, true, "a guest was ready after " + millis + " ms");
      }
      boolean alive = process.isAlive();
      String words = Files.readString(said, StandardCharsets.ISO_8859_1).strip();
      return new Verdict(
          accelerator,
          false,
          alive
              ? "it opens, and a guest hangs with it: no answer in " + millis + " ms"
              : "QEMU ended after " + millis + " ms: " + words);
    } catch (IOException e) {
      return new Verdict(accelerator, false, "it could not be tried: " + e.getMessage());
    } finally {
      end(process, folder);
    }
  }

  private static boolean answers(Process process, Path socket, long until)
      throws InterruptedException {
    while (process.isAlive() && System.nanoTime() < until) {
      try (AgentLink link = AgentLink.open(socket)) {
        return greeted(link, until);
      } catch (IOException notYet) {
        Thread.sleep(5);
      }
    }
    return false;
  }

  /// The greeting waits for ever; closing the link, which our caller does, ends it.
  private static boolean greeted(AgentLink link, long until) throws InterruptedException {
    AtomicBoolean answered = new AtomicBoolean();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    link.greet(0);
                    answered.set(true);
                  } catch (IOException e) {
                    answered.set(false);
                  }
                });
    boolean _ = waiting.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
    return answered.get();
  }

  private static void end(@Nullable Process process, @Nullable Path folder)
      throws InterruptedException {
    if (process != null) {
      process.destroyForcibly();
      process.waitFor(5, TimeUnit.SECONDS);
    }
    if (folder != null) {
      try {
        FolderRemoval.remove(folder);
      } catch (IOException e) {
        log.debug("cannot remove {}: {}", folder, e.toString());
      }
    }
  }
}
