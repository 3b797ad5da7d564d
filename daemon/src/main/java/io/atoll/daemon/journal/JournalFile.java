package io.atoll.daemon.journal;

import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal's file on its disk: what `append` returned for is durable, what it failed for is not
/// there. Used by one thread at a time; an interrupt disturbs nothing and is handed on.
final class JournalFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JournalFile.class);

  private final Path path;
  private final Consumer<CommitPoint> at;
  private FileChannel channel;

  /// Where the last good frame ends.
  private long end;

  /// Whether something that was never acknowledged may follow `end`.
  private boolean dirty;

  /// Whether a power cut could still bring back the file that a rewrite replaced.
  private boolean renamed;

  private JournalFile(Path path, Consumer<CommitPoint> at, FileChannel channel) {
    this.path = path;
    this.at = at;
    this.channel = channel;
  }

  /// Opens the file, or makes an empty one. `cutAfter` has to be called before anything is written.
  static JournalFile open(Path path, Consumer<CommitPoint> at) throws IOException {
    Files.deleteIfExists(fresh(path));
    if (!Files.exists(path)) {
      writeFresh(path, List.of());
      Files.move(fresh(path), path, StandardCopyOption.ATOMIC_MOVE);
      PrivateFiles.syncFolder(PrivateFiles.folderOf(path));
    }
    return new JournalFile(path, at, channel(path));
  }

  private static FileChannel channel(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.WRITE);
  }

  byte[] read() throws IOException {
    return Files.readAllBytes(path);
  }

  long end() {
    return end;
  }

  /// Takes the first `good` bytes as the file, and removes what follows.
  void cutAfter(long good) throws IOException {
    end = good;
    dirty = channel.size() > good;
    if (dirty) {
      uninterrupted(this::cut);
    }
  }

  private void cut() throws IOException {
    channel.truncate(end);
    channel.force(true);
    dirty = false;
  }

  void append(ByteBuffer frame) throws IOException {
    uninterrupted(() -> write(frame));
  }

  /// After a failed `append`. If this fails too, the next `append` does it before it writes.
  void cutBack() {
    try {
      uninterrupted(this::cut);
    } catch (IOException e) {
      log.warn("{}: cannot cut off an unfinished write yet: {}", path, PrivateFiles.reason(e));
    }
  }

  private void write(ByteBuffer frame) throws IOException {
    if (renamed) {
      syncName();
    }
    if (dirty) {
      channel.truncate(end);
    }
    dirty = true;
    frame.rewind();
    long position = end;
    while (frame.hasRemaining()) {
      position += channel.write(frame, position);
    }
    at.accept(CommitPoint.WRITTEN);
    channel.force(false);
    end = position;
    dirty = false;
  }

  /// Puts a file with these frames in the place of this one. If that fails, this one is as good as
  /// before.
  void replace(List<ByteBuffer> frames) throws IOException {
    try {
      uninterrupted(() -> rewrite(frames));
    } catch (IOException e) {
      try {
        Files.deleteIfExists(fresh(path));
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private void rewrite(List<ByteBuffer> frames) throws IOException {
    long size = writeFresh(path, frames);
    Files.move(
        fresh(path), path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    // From here on the old file has no name: nothing may be written to it any more.
    renamed = true;
    end = size;
    dirty = false;
    channel.close();
    channel = channel(path);
    syncName();
  }

  private void syncName() throws IOException {
    PrivateFiles.syncFolder(PrivateFiles.folderOf(path));
    renamed = false;
  }

  private static Path fresh(Path path) {
    return path.resolveSibling(path.getFileName() + ".new");
  }

  private static long writeFresh(Path path, List<ByteBuffer> frames) throws IOException {
    Files.deleteIfExists(fresh(path));
    PrivateFiles.create(fresh(path));
    try (FileChannel out = channel(fresh(path))) {
      write(out, JournalFrames.header());
      for (ByteBuffer frame : frames) {
        write(out, frame.rewind());
      }
      out.force(true);
      return out.position();
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  /// An interrupt closes a `FileChannel` in the middle of its work: open it again, do the work
  /// again, and hand the interrupt on.
  private void uninterrupted(Work work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          if (!channel.isOpen()) {
            channel = channel(path);
          }
          work.run();
          return;
        } catch (ClosedByInterruptException _) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Everything acknowledged was synced.
    }
  }
}
