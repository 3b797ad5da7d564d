package io.atoll.daemon.store;

import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/// Keeps a second daemon away from the same files. The kernel frees the lock when its process dies,
/// however it dies; the file stays and says who held it.
public final class FolderLock implements AutoCloseable {
  /// Closing any descriptor of a file frees this process's POSIX locks on it, so a second attempt
  /// in one process must be refused before it opens the file. Guarded by itself.
  private static final Set<Path> HELD = new HashSet<>();

  private final Path key;
  private final FileChannel channel;

  private FolderLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /// Takes the lock, without waiting.
  ///
  /// @param file the lock's own file; made if absent, in a folder that exists
  /// @param what is locked, for the error: "the hub's store"
  /// @throws StoreException CONFLICT, with the holder's pid if known
  public static FolderLock take(Path file, String what) throws StoreException {
    Path key;
    try {
      key = PrivateFiles.folderOf(file).toRealPath().resolve(file.getFileName());
    } catch (IOException e) {
      throw unusable(file, e);
    }
    synchronized (HELD) {
      if (!HELD.add(key)) {
        throw held(file, what, "this same process (pid " + ProcessHandle.current().pid() + ")");
      }
      boolean taken = false;
      try {
        FolderLock lock = lock(file, key, what);
        taken = true;
        return lock;
      } catch (IOException e) {
        throw unusable(file, e);
      } finally {
        if (!taken) {
          HELD.remove(key);
        }
      }
    }
  }

  private static FolderLock lock(Path file, Path key, String what) throws IOException {
    if (!Files.exists(file)) {
      PrivateFiles.createIfAbsent(file);
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean done = false;
    try {
      if (channel.tryLock() == null) {
        String holder = Files.readString(file).strip();
        throw held(
            file, what, holder.isEmpty() ? "another process" : "another process, pid " + holder);
      }
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      try {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid), 0);
      } catch (IOException _) {
        // The pid helps the reader of an error only: a full disk is no reason not to start.
      }
      done = true;
      return new FolderLock(key, channel);
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  /// Who seems to hold a lock, as of now: its file names a process that lives. Takes nothing, and
  /// can be wrong where the process that the file names is another one by now.
  public static OptionalLong holder(Path file) {
    try {
      long pid = Long.parseLong(Files.readString(file).strip());
      return ProcessHandle.of(pid).isPresent() ? OptionalLong.of(pid) : OptionalLong.empty();
    } catch (IOException | NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  private static StoreException held(Path file, String what, String holder) {
    return new StoreException(
        ErrorCode.CONFLICT,
        "cannot open "
            + what
            + " in "
            + PrivateFiles.folderOf(file)
            + ": "
            + holder
            + " is using it",
        "stop that daemon first, or give this one a folder of its own with --data-dir");
  }

  private static StoreException unusable(Path file, IOException cause) {
    return new StoreException(
        ErrorCode.INTERNAL,
        "cannot lock " + file.toAbsolutePath() + ": " + PrivateFiles.reason(cause),
        "check that the folder exists, belongs to the daemon's user and is writable",
        cause);
  }

  @Override
  public void close() {
    synchronized (HELD) {
      try {
        channel.close();
      } catch (IOException _) {
        // The descriptor is gone either way, and the lock with it.
      }
      HELD.remove(key);
    }
  }
}
