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

/// The SHA-256 of a file that still grows, on a thread of its own behind the writer: it reads what
/// was written out of the system's cache, so what is verified is what the file holds, also what an
/// earlier process wrote.
final class FollowingHash implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  private final FileChannel file;
  private final Thread thread;

  // Under the lock of this object.
  private long written;
  private boolean whole;
  private @Nullable String hash;
  private @Nullable IOException failure;

  /// @param written bytes that are there already
  FollowingHash(Path path, long written) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.READ);
    this.written = written;
    this.thread = Thread.ofPlatform().daemon().name("transfer-hash").start(this::run);
  }

  synchronized void written(long bytes) {
    written = bytes;
    notifyAll();
  }

  /// The hash of all that was written; waits for it.
  synchronized String finish() throws IOException, InterruptedException {
    whole = true;
    notifyAll();
    while (hash == null && failure == null) {
      wait();
    }
    if (hash == null) {
      throw new IOException("cannot read back what was written", failure);
    }
    return hash;
  }

  private void run() {
    try {
      MessageDigest digest = sha256();
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      long at = 0;
      for (long until = await(at); until > at; until = await(at)) {
        at += update(digest, file, at, until, buffer);
      }
      end(Offer.hex(digest.digest()), null);
    } catch (IOException e) {
      end(null, e);
    } catch (InterruptedException e) {
      end(null, new IOException("given up", e));
    }
  }

  private synchronized long await(long at) throws InterruptedException {
    while (written <= at && !whole) {
      wait();
    }
    return written;
  }

  private synchronized void end(@Nullable String result, @Nullable IOException why) {
    hash = result;
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
    thread.interrupt();
    try {
      thread.join();
      file.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // it was only read
    }
  }
}
