package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.Machine;
import io.atoll.runtime.qemu.saved.DeepFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The files of one machine; the package doc lists them. What lies in `work` belongs to QEMU, and
/// may say anything.
record VmFolder(Path path) {
  static final String BASE = "base.qcow2";
  static final String DISK = "disk.qcow2";
  static final String SEED = "seed.iso";
  static final String KERNEL = "vmlinux";
  static final String INITRAMFS = "initramfs";
  static final String QMP = "qmp";
  static final String AGENT = "agent";
  static final String EXEC = "exec";
  static final String EXIT = "exit";
  static final String LOG = "qemu.log";
  static final String STATE = "state.sock";

  /// While it is there the end of QEMU is no end: see [VmCommandLine#whole].
  static final String ASLEEP = "asleep";

  /// There while QEMU's shell waits for the end of `asleep`.
  static final String WAITING = "waiting";

  static final String TEMPLATE_DISK = "template.qcow2";

  /// Markers, beside `work`.
  static final String STOPPING = "stopping";

  static final String UP = "up";
  static final String CLONE = "clone";
  static final String RELEASED = "released";

  /// Its payload was told to begin; only [Cloning#release] knows whether it did without this.
  static final String BEGUN = "begun";

  /// A clone has user-data of its own; and it was applied, or cannot be.
  static final String DATA = "user-data";

  static final String DATA_APPLIED = "user-data-applied";
  static final String LIMIT = "limit";

  /// The ports of a machine that gave its memory back.
  static final String PORTS = "ports";

  private static final int MOST_SAID = 64;

  /// How a command in the guest ended, as its port tells it.
  sealed interface Said {
    record Exited(int code) implements Said {}

    record Signaled(int signal) implements Said {}

    record NotStarted(int errno) implements Said {}

    /// The guest's kernel ended it for want of memory.
    record Starved() implements Said {}
  }

  DeepFile deep() {
    return new DeepFile(path);
  }

  Path work(String name) {
    return path.resolve("work").resolve(name);
  }

  boolean marked(String marker) {
    return Files.exists(path.resolve(marker));
  }

  void mark(String marker, String text) throws IOException {
    Files.write(
        path.resolve(marker),
        text.getBytes(UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.SYNC);
  }

  /// What a marker was made with; empty if it is not there.
  String markedWith(String marker) {
    try {
      return Files.readString(path.resolve(marker));
    } catch (IOException e) {
      return "";
    }
  }

  /// Gives QEMU the same file under a name of its own folder, without a copy where that is
  /// possible.
  void link(Path file, String name) throws IOException {
    try {
      Files.createLink(work(name), file);
    } catch (IOException | UnsupportedOperationException otherDisk) {
      Files.copy(file, work(name));
    }
  }

  /// Makes a file of ours QEMU's own: that of whoever has the folder.
  void give(String name) throws IOException {
    if (Machine.uid() == 0 && Files.getAttribute(work(""), "unix:uid") instanceof Integer uid) {
      Machine.give(work(name), uid, uid);
    }
  }

  /// What the command in the guest came to; empty if it did not tell, or told nonsense.
  Optional<Said> said() {
    try (InputStream in = Files.newInputStream(work(EXIT))) {
      String[] words = new String(in.readNBytes(MOST_SAID), ISO_8859_1).strip().split(" ");
      if (words.length != 2 || !words[1].matches("[0-9]{1,3}")) {
        return Optional.empty();
      }
      int number = Integer.parseInt(words[1]);
      return switch (words[0]) {
        case "exit" -> Optional.of(new Said.Exited(number & 0xff));
        case "signal" -> Optional.of(new Said.Signaled(number & 0x7f));
        case "memory" -> Optional.of(new Said.Starved());
        case "missing" -> Optional.of(new Said.NotStarted(number));
        default -> Optional.empty();
      };
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// The last line that QEMU itself said; empty if none.
  String lastWord() {
    try (InputStream in = Files.newInputStream(work(LOG))) {
      String text = new String(in.readNBytes(8 << 10), UTF_8).strip();
      String line = text.substring(text.lastIndexOf('\n') + 1);
      return line.substring(0, Math.min(300, line.length())).replaceAll("\\p{Cntrl}", "?");
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }
}
