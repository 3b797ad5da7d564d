package io.atoll.daemon.store;

import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Room on the disk that a hub keeps by filling it itself. When the disk is full it is given up, so
/// that the hub can still write what makes room: that a task is to stop, has ended, is deleted.
/// Until it could be made again the hub accepts no new task.
///
/// Changed by one thread at a time; `held` may be asked by any.
public final class Reserve {
  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
  private static final String FILE = "hub.reserve";
  private static final long LARGEST = 4L << 20;
  private static final long SMALLEST = 256L << 10;

  /// Of a small disk it takes no more than this share.
  private static final int SHARE = 64;

  /// It is made where this many times its size is free: less would soon be gone again.
  private static final int TIMES_FREE = 4;

  private static final int BLOCK = 64 << 10;

  private final Path file;
  private final long size;
  private volatile boolean held;

  private Reserve(Path file, long size) {
    this.file = file;
    this.size = size;
    this.held = isWhole();
  }

  /// The reserve of a hub's data folder, as it was left there. `make` makes it.
  public static Reserve of(Path folder) {
    Path file = folder.toAbsolutePath().resolve(FILE);
    long disk;
    try {
      disk = Files.getFileStore(folder).getTotalSpace();
    } catch (IOException _) {
      disk = Long.MAX_VALUE;
    }
    return new Reserve(file, Math.clamp(disk / SHARE, SMALLEST, LARGEST));
  }

  private boolean isWhole() {
    try {
      return Files.size(file) >= size;
    } catch (IOException _) {
      return false;
    }
  }

  /// Whether it is there.
  public boolean held() {
    return held;
  }

  /// Gives its room back to the disk.
  ///
  /// @return whether there was any to give
  public boolean giveUp() {
    held = false;
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("cannot remove {}", file, e);
      return false;
    }
  }

  /// Makes it, if it is not there and the disk has room for it and for more.
  ///
  /// @return whether it is there
  public boolean make() {
    if (held || PrivateFiles.room(file) < TIMES_FREE * size) {
      return held;
    }
    try {
      write();
      held = true;
    } catch (IOException e) {
      LOG.debug("cannot make {}", file, e);
      giveUp();
    }
    return held;
  }

  /// Not with zeros: a disk that compresses would keep no room for them.
  private void write() throws IOException {
    Files.deleteIfExists(file);
    PrivateFiles.create(file);
    byte[] block = new byte[BLOCK];
    Random random = new Random();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long written = 0; written < size; ) {
        random.nextBytes(block);
        written += channel.write(ByteBuffer.wrap(block));
      }
      channel.force(true);
    }
  }

  /// Why no new task is accepted while it is not held.
  public StoreException lacking() {
    return new StoreException(
        ErrorCode.DISK_FULL,
        "the hub's disk is nearly full, and it accepts no new task",
        "stop or delete tasks that fill it, or free "
            + ((TIMES_FREE * size) >> 20)
            + " MiB in "
            + PrivateFiles.folderOf(file));
  }
}
