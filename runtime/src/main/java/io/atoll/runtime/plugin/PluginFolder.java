package io.atoll.runtime.plugin;

import io.atoll.core.json.Json;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the daemon itself notes in a run's folder, which it makes and removes. Names that begin
/// with
/// `atoll.` are the daemon's; `out.` is output, which the runtime writes; the rest is the
/// runtime's.
///
/// No folder: the runtime was never asked for this run. No `atoll.starting`: it was never asked
/// to
/// start it. `atoll.end`: how it ended, whatever the runtime says later.
record PluginFolder(Path path) {
  private static final String STARTING = "atoll.starting";
  private static final String END = "atoll.end";
  private static final int LONGEST_END = 64 << 10;

  /// @param at null where nobody knows
  record End(Exit exit, @Nullable Instant at) {}

  /// @throws java.nio.file.FileAlreadyExistsException if this run was prepared before
  void make() throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    Files.createDirectory(path);
  }

  boolean exists() {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  boolean starting() {
    return Files.exists(path.resolve(STARTING));
  }

  void markStarting() throws IOException {
    Files.write(path.resolve(STARTING), new byte[0]);
  }

  /// Returns once it is on the disk.
  void writeEnd(End end) throws IOException {
    Path draft = path.resolve(END + ".new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(end));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(
        draft,
        path.resolve(END),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /// Null while the daemon has not seen the end.
  @Nullable End readEnd() throws IOException {
    try {
      if (Files.size(path.resolve(END)) > LONGEST_END) {
        throw new IOException(path.resolve(END) + " is not what the daemon wrote");
      }
      return Json.read(Files.readAllBytes(path.resolve(END)), End.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// With all that the runtime left in it. Safe to call twice.
  void remove() throws IOException, InterruptedException {
    FolderRemoval.remove(path);
  }
}
