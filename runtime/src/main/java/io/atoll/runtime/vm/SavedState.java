package io.atoll.runtime.vm;

import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.saved.Meeting;
import io.atoll.runtime.qemu.saved.SavedMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/// The state of a template as one file: processor, devices and memory, as they are.
final class SavedState {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private SavedState() {}

  private static Meeting meeting(VmFolder folder) {
    return new Meeting(folder.work(VmFolder.STATE), VmFolder.STATE);
  }

  /// Saves a machine that stands still; it keeps standing still. The file is readable by us alone.
  static void save(Qmp qmp, VmFolder folder, Path file) throws IOException, InterruptedException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")));
        OutputStream to = Channels.newOutputStream(channel)) {
      SavedMachine.save(qmp, meeting(folder), to, LIMIT);
      channel.force(false);
    }
  }

  /// Brings state into a QEMU that waits for it (`-incoming defer`). Afterwards it stands still.
  static void restore(Qmp qmp, VmFolder folder, Path file)
      throws IOException, InterruptedException {
    try (InputStream from = Files.newInputStream(file)) {
      SavedMachine.restore(qmp, meeting(folder), from, LIMIT);
    }
  }
}
