package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;
import io.atoll.p2p.transport.BulkInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// The bytes of a file that is not whole yet, in a hidden file beside its place. They are collected
/// in blocks, and hashed on the way. One thread.
final class PartialFile implements AutoCloseable {
  private static final int MOST_NAMES = 1000;
  private static final int BLOCK = 256 << 10;

  private final Path path;
  private final FileChannel channel;
  private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
  private RunningHash hash;
  private EarlyForce early;

  /// What is in the file, without the block.
  private long written;

  /// Whether the block is hashed as it is filled; else all of it is when it is full, by somebody.
  private boolean hashed;

  private PartialFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.written = channel.size();
    this.hash = new RunningHash(path, written);
    this.early = new EarlyForce(channel, written);
    this.hashed = hash.inStep();
    block.limit((int) (BLOCK - written % BLOCK));
  }

  static Path beside(Path folder, String id) {
    return folder.resolve(".atoll-" + id + ".part");
  }

  /// What is there of it.
  static long length(Path partial) {
    try {
      return Files.isRegularFile(partial, LinkOption.NOFOLLOW_LINKS) ? Files.size(partial) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /// Goes on where its bytes end; a link under its name is not followed.
  static PartialFile open(Path partial) throws TransferFailure {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      return new PartialFile(partial, channel);
    } catch (IOException e) {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw TransferFailure.of(e, "cannot write into " + partial.getParent());
    }
  }

  /// With what is not in the file yet.
  long length() {
    return written + block.position();
  }

  /// Takes `count` bytes from a stream.
  ///
  /// @throws IOException if the stream broke; what came before is kept
  /// @throws TransferFailure if they cannot be written
  void append(InputStream in, int count) throws IOException, TransferFailure {
    for (int left = count; left > 0; ) {
      int got = BulkInput.passFrom(in, Math.min(left, block.remaining()), this::collect);
      if (got < 0) {
        throw new EOFException("end of stream inside data");
      }
      left -= got;
      if (!block.hasRemaining()) {
        flush();
      }
    }
  }

  private void collect(byte[] bytes, int offset, int length) {
    if (hashed) {
      hash.take(bytes, offset, length);
    }
    block.put(bytes, offset, length);
  }

  private void flush() throws TransferFailure {
    block.flip();
    if (!hashed && hash.inStep()) {
      hash.take(block.duplicate());
      hashed = true;
    }
    try {
      while (block.hasRemaining()) {
        written += channel.write(block, written);
      }
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot write into " + path.getParent());
    } finally {
      block.clear();
    }
    block.limit((int) (BLOCK - written % BLOCK)); // blocks end where those of the file system do
    if (!hashed) {
      hash.written(written);
    }
    early.written(written);
  }

  /// Of all that was taken.
  String hash() throws TransferFailure, InterruptedException {
    flush();
    try {
      return hash.finish();
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot read what was written into " + path.getParent());
    }
  }

  void startAnew() throws TransferFailure, InterruptedException {
    hash.close();
    early.join();
    try {
      channel.truncate(0);
      written = 0;
      hash = new RunningHash(path, 0);
      early = new EarlyForce(channel, 0);
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot write into " + path.getParent());
    }
    hashed = true;
    block.clear();
  }

  void force() throws TransferFailure, InterruptedException {
    try {
      early.finish();
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot write into " + path.getParent());
    }
  }

  /// The first of `name`, `name.1`, … that is free in the folder.
  static Path free(Path folder, String name) throws TransferFailure {
    for (int i = 0; i < MOST_NAMES; i++) {
      Path file = folder.resolve(i == 0 ? name : name + "." + i);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return file;
      }
    }
    throw new TransferFailure(ErrorCode.CONFLICT, "there is " + folder.resolve(name) + " already");
  }

  /// Gives a whole partial file its name, at once, and never over another file.
  ///
  /// @return false if the name was taken meanwhile
  static boolean name(Path partial, Path file) throws TransferFailure {
    try {
      try {
        Files.createLink(file, partial);
        Files.delete(partial);
      } catch (FileAlreadyExistsException e) {
        return false;
      } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
        // A file system without links: between look and move another program may be quicker.
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          return false;
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      }
      Path folder = file.getParent();
      if (folder != null) {
        StateFolder.sync(folder);
      }
      return true;
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot name " + file);
    }
  }

  /// What came last is kept, too, where that works.
  @Override
  public void close() {
    try {
      flush();
    } catch (TransferFailure e) {
      // whoever goes on finds less, and asks for the rest again
    }
    hash.close();
    try {
      early.join();
      channel.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // nothing of it counts that was not forced
    }
  }
}
