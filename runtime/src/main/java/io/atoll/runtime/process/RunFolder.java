package io.atoll.runtime.process;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Exit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The folder of one run; the package doc says what lies in it.
record RunFolder(Path path) {
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  Path file(String name) {
    return path.resolve(name);
  }

  Path socket() {
    return file("sock");
  }

  Path work() {
    return file("work");
  }

  boolean exists() {
    return Files.isDirectory(path);
  }

  /// Where the folder is made complete before it gets its name.
  Path draft() {
    return path.resolveSibling("." + path.getFileName() + ".new");
  }

  /// The end, if it is on disk. A record still named `began` counts if it is whole: after a power
  /// cut the renaming may be lost.
  Optional<RunRecord> ended() throws IOException {
    Optional<RunRecord> exit = read("exit");
    return exit.isPresent() ? exit : read("began");
  }

  boolean began() {
    return Files.exists(file("began"));
  }

  private Optional<RunRecord> read(String name) throws IOException {
    try {
      return RunRecord.ofFile(Files.readAllBytes(file(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Decides about a run that has no supervisor: takes the lock, and under it writes the end if
  /// there is none. Empty if somebody else holds the lock.
  Optional<RunRecord> settle(Function<Boolean, Exit> judge) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return Optional.empty();
      }
      Optional<RunRecord> before = ended();
      if (before.isPresent()) {
        return before;
      }
      RunRecord record = RunRecord.of(judge.apply(began()));
      Instant now = Instant.now();
      Path draft = file("exit.new");
      try {
        Files.write(draft, record.toFile(now.getEpochSecond() * 1_000_000_000 + now.getNano()));
        try (FileChannel written = FileChannel.open(draft, StandardOpenOption.WRITE)) {
          written.force(false);
        }
        Files.move(draft, file("exit"), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException full) {
        // What was concluded holds without the record: whoever comes later concludes the same.
        Files.deleteIfExists(draft);
      }
      return Optional.of(record);
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  void delete() throws IOException, InterruptedException {
    FolderRemoval.remove(path);
    FolderRemoval.remove(draft());
  }
}
