package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;
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

/// The bytes of a file that is not whole yet, in a hidden file beside its place. One thread.
final class PartialFile implements AutoCloseable {
  private static final int MOST_NAMES = 1000;

  private final Path path;
  private final FileChannel channel;
  private final byte[] buffer = new byte[Wire.CHUNK];
  private FollowingHash hash;
  private long length;

  private PartialFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.length = channel.size();
    this.hash = new FollowingHash(path, length);
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

  long length() {
    return length;
  }

  /// Takes `count` bytes from a stream.
  ///
  /// @throws IOException if the stream broke; what came before is kept
  /// @throws TransferFailure if they cannot be written
  void append(InputStream in, int count) throws IOException, TransferFailure {
    for (int left = count; left > 0; ) {
      int read = in.readNBytes(buffer, 0, Math.min(left, buffer.length));
      try {
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
        while (bytes.hasRemaining()) {
          length += channel.write(bytes, length);
        }
      } catch (IOException e) {
        throw TransferFailure.of(e, "cannot write into " + path.getParent());
      }
      hash.written(length);
      if (read < Math.min(left, buffer.length)) {
        throw new EOFException("end of stream inside data");
      }
      left -= read;
    }
  }

  String hash() throws TransferFailure, InterruptedException {
    try {
      return hash.finish();
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot read what was written into " + path.getParent());
    }
  }

  void startAnew() throws TransferFailure {
    hash.close();
    try {
      channel.truncate(0);
      length = 0;
      hash = new FollowingHash(path, 0);
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot write into " + path.getParent());
    }
  }

  void force() throws TransferFailure {
    try {
      channel.force(false);
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

  @Override
  public void close() {
    hash.close();
    try {
      channel.close();
    } catch (IOException e) {
      // nothing of it counts that was not forced or read back
    }
  }
}
