package io.atoll.runtime.image.content;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/// Files that are there whole or not at all, for their owner alone, and that survive a power cut.
public final class DurableFiles {
  private static final long HARDLY_ANY_SPACE = 64 << 10;

  private DurableFiles() {}

  public static void folder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, mode(folder, "rwx------"));
    }
  }

  /// Puts the file in the place of what has its name.
  public static void write(Path file, byte[] bytes) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createFile(fresh, mode(fresh, "rw-------"));
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          out.write(left);
        }
        out.force(true);
      }
      rename(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /// Renames within a folder's file system; on return the new name is on disk.
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = to.toAbsolutePath().getParent();
    if (folder != null && posix(folder)) {
      try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
        entry.force(true);
      }
    }
  }

  /// Opens or makes a file for its owner alone.
  static FileChannel open(Path file) throws IOException {
    if (!Files.exists(file)) {
      try {
        Files.createFile(file, mode(file, "rw-------"));
      } catch (java.nio.file.FileAlreadyExistsException _) {
        // Another was first, which is as good.
      }
    }
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /// What to say when writing failed.
  ///
  /// @param doing what was tried, such as `store the layer sha256:…`
  public static AtollException failure(String doing, Path where, IOException cause) {
    String reason = String.valueOf(cause.getMessage());
    if (reason.contains("No space left") || reason.contains("quota") || full(where)) {
      return new AtollException(
          ErrorCode.DISK_FULL,
          "could not " + doing + ": the disk of " + where + " is full",
          "make room, or remove images that nobody uses: atoll image gc --budget SIZE",
          cause);
    }
    return new AtollException(
        ErrorCode.INTERNAL,
        "could not " + doing + " in " + where + ": " + reason,
        "check that the folder exists and belongs to the user who runs Atoll",
        cause);
  }

  private static boolean full(Path where) {
    try {
      Path there = where;
      while (!Files.exists(there)) {
        Path parent = there.getParent();
        if (parent == null) {
          return false;
        }
        there = parent;
      }
      return Files.getFileStore(there).getUsableSpace() < HARDLY_ANY_SPACE;
    } catch (IOException _) {
      return false;
    }
  }

  private static FileAttribute<?>[] mode(Path path, String mode) {
    return posix(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
