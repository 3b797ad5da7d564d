package io.atoll.daemon.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// Files that only the daemon's user may read, and the syncs that make a rename survive a power
/// cut.
public final class PrivateFiles {
  private static final long HARDLY_ANY_SPACE = 256 << 10;

  private PrivateFiles() {}

  /// Makes the folder and its parents, 0700 where the system has such modes.
  public static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, mode(folder, "rwx------"));
    }
  }

  /// Makes an empty file, 0600 where the system has such modes.
  ///
  /// @throws FileAlreadyExistsException if something of that name is there
  public static void create(Path file) throws IOException {
    Files.createFile(file, mode(file, "rw-------"));
  }

  public static void createIfAbsent(Path file) throws IOException {
    try {
      create(file);
    } catch (FileAlreadyExistsException _) {
      // As wanted.
    }
  }

  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /// Makes names in a folder durable. Windows has no such call and keeps names in its journal.
  public static void syncFolder(Path folder) throws IOException {
    if (posix(folder)) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /// The folder that a file is in.
  public static Path folderOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " is no file's name");
    }
    return parent;
  }

  /// Whether the disk under a file is full, which systems report in more ways than one.
  public static boolean diskFull(Path file) {
    return room(file) < HARDLY_ANY_SPACE;
  }

  /// What the disk under a file has left for this process; the largest number if it does not say.
  public static long room(Path file) {
    try {
      return Files.getFileStore(folderOf(file)).getUsableSpace();
    } catch (IOException _) {
      return Long.MAX_VALUE;
    }
  }

  /// Whether a write failed for lack of space. Ask before anything is deleted or cut.
  public static boolean diskFull(Path file, IOException failure) {
    String reason = reason(failure);
    return reason.contains("No space left") || reason.contains("quota") || diskFull(file);
  }

  /// What went wrong, as a person would say it.
  public static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it exists already";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      case IOException e when e.getMessage() != null -> e.getMessage();
      case IOException e -> e.getClass().getSimpleName();
    };
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
