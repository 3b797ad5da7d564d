package io.atoll.p2p.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The SHA-256 of a file that still grows. What an earlier stream or process left is read back on a
/// thread of its own, so that nobody waits for it; what comes is hashed by its writer, in memory,
/// as soon as that thread has caught up.
///
/// One writer, which does this for each block:
/// ```
/// if (inStep()) { take(block)…; write it to the file }    hashed in memory
/// else          { write it to the file; written(length) } read back by the thread
/// ```
final class RunningHash implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  /// Of the thread while there is one, of the writer after that.
  private final MessageDigest digest = sha256();

  /// Null if nothing was there: the writer is in step from the beginning.
  private final @Nullable FileChannel file;

  private final @Nullable Thread thread;

  // Under the lock of this object.
  private long written;
  private long read;
  private boolean inStep;
  private boolean stopped;
  private @Nullable IOException failure;

  /// @param written bytes that are there already
  RunningHash(Path path, long written) throws IOException {
    this.written = written;
    this.inStep = written == 0;
    if (inStep) {
      file = null;
      thread = null;
    } else {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      file = channel;
      thread = Thread.ofPlatform().daemon().name("transfer-hash").start(() -> readBack(channel));
    }
  }

  /// Whether all that is in the file is in the hash. Once it is, the writer keeps it so.
  synchronized boolean inStep() {
    if (!inStep && read == written && failure == null) {
      inStep = true;
      notifyAll();
    }
    return inStep;
  }

  /// The next bytes of the file, of a writer in step.
  void take(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  void take(ByteBuffer bytes) {
    digest.update(bytes);
  }

  /// How much the file has now, of a writer that is not in step.
  synchronized void written(long bytes) {
    written = bytes;
    notifyAll();
  }

  /// The hash of all that was written, at the end; waits for the thread where it is behind.
  synchronized String finish() throws IOException, InterruptedException {
    while (!inStep()) {
      if (failure != null) {
        throw new IOException("cannot read back what was written", failure);
      }
      wait();
    }
    return Offer.hex(digest.digest());
  }

  private void readBack(FileChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try {
      long at = 0;
      for (long until = await(at); until > at; until = await(at)) {
        at += update(digest, channel, at, until, buffer);
      }
    } catch (IOException e) {
      end(e);
    } catch (InterruptedException e) {
      end(new IOException("given up", e));
    }
  }

  /// @return up to where to read; not beyond `at` when there is nothing left to do
  private synchronized long await(long at) throws InterruptedException {
    read = at;
    if (read == written) {
      notifyAll();
    }
    while (written <= at && !inStep && !stopped) {
      wait();
    }
    return inStep || stopped ? at : written;
  }

  private synchronized void end(IOException why) {
    failure = why;
    notifyAll();
  }

  private static int update(
      MessageDigest digest, FileChannel file, long at, long until, ByteBuffer buffer)
      throws IOException {
    buffer.clear().limit((int) Math.min(BUFFER, until - at));
    int count = file.read(buffer, at);
    if (count <= 0) {
      throw new IOException("the file ends at " + at);
    }
    digest.update(buffer.flip());
    return count;
  }

  /// The hash of a file as it is.
  ///
  /// @param progress told the bytes that were read
  static String of(Path path, long size, LongConsumer progress)
      throws IOException, InterruptedException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      for (long at = 0; at < size; ) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while hashing");
        }
        at += update(digest, file, at, size, buffer);
        progress.accept(at);
      }
    }
    return Offer.hex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    try {
      if (thread != null) {
        thread.join();
      }
      if (file != null) {
        file.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // it was only read
    }
  }
}
