package io.atoll.runtime.image.content;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A blob that is being written, by one thread; hashed as it comes. Closing without a commit keeps
/// what came of a named blob, for the next who wants it.
public final class Draft implements AutoCloseable {
  private final ContentStore store;
  private final StoreHold hold;
  private final FileGuard.@Nullable Held lock;
  private final Path file;
  private final FileChannel channel;
  private final @Nullable Digest expected;
  private final long most;
  private Hashes hashes = new Hashes();
  private boolean open = true;

  private Draft(
      ContentStore store,
      StoreHold hold,
      FileGuard.@Nullable Held lock,
      Path file,
      @Nullable Digest expected,
      long most)
      throws IOException {
    this.store = store;
    this.hold = hold;
    this.lock = lock;
    this.file = file;
    this.expected = expected;
    this.most = most;
    this.channel = DurableFiles.open(file);
  }

  static Draft unnamed(ContentStore store, StoreHold hold, Path file, long most)
      throws IOException {
    return new Draft(store, hold, null, file, null, most);
  }

  /// With what is there of it, hashed again.
  static Draft named(
      ContentStore store,
      StoreHold hold,
      FileGuard.Held lock,
      Path file,
      Digest expected,
      long size)
      throws IOException {
    Draft draft = new Draft(store, hold, lock, file, expected, size);
    boolean read = false;
    try {
      if (draft.channel.size() > size) {
        draft.channel.truncate(0);
      }
      draft.channel.position(0);
      draft.hashes.updateAll(Channels.newInputStream(draft.channel));
      read = true;
    } finally {
      if (!read) {
        draft.channel.close();
      }
    }
    return draft;
  }

  /// How many bytes are here already.
  public long position() {
    return hashes.size();
  }

  /// Forgets what came so far.
  public void restart() {
    hashes = new Hashes();
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw DurableFiles.failure("begin again with " + what(), store.folder(), e);
    }
  }

  /// @throws AtollException TOO_LARGE beyond the size; DISK_FULL. Either way the draft is gone
  public void write(byte[] bytes, int offset, int length) {
    if (length > most - hashes.size()) {
      discard();
      throw new AtollException(
          ErrorCode.TOO_LARGE,
          what() + " has more than the " + most + " bytes that were said or are allowed",
          "whoever sent it is broken or lies; fetch it from somewhere else");
    }
    try {
      channel.position(hashes.size());
      ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    } catch (IOException e) {
      AtollException failure = DurableFiles.failure("store " + what(), store.folder(), e);
      discard();
      throw failure;
    }
    hashes.update(bytes, offset, length);
  }

  /// Verifies the bytes and makes them a blob. On return it is on disk.
  ///
  /// @throws AtollException if they are not those of the digest; the draft is gone then
  public BlobFacts commit() {
    BlobFacts found = hashes.facts();
    if (expected != null && (!found.digest().equals(expected) || found.size() != most)) {
      discard();
      throw new AtollException(
          ErrorCode.START_FAILED,
          found.size() < most
              ? expected + " ended after " + found.size() + " of " + most + " bytes"
              : "the bytes that came for " + expected + " are others: " + found.digest(),
          "whoever sent them is damaged or lies; try again, or fetch from somewhere else");
    }
    try {
      channel.force(true);
      if (store.has(found.digest())) {
        Files.delete(file);
      } else {
        store.admit(file, found);
      }
      open = false;
      leave();
      return found;
    } catch (IOException e) {
      AtollException failure = DurableFiles.failure("store " + what(), store.folder(), e);
      discard();
      throw failure;
    }
  }

  /// Removes what came.
  public void discard() {
    if (open) {
      open = false;
      try {
        Files.deleteIfExists(file);
      } catch (IOException _) {
        // A draft is no harm; the next collection removes it.
      }
      leave();
    }
  }

  private String what() {
    return expected == null ? "the new image's bytes" : expected.toString();
  }

  @Override
  public void close() {
    if (expected == null || hashes.size() == 0) {
      discard();
    } else if (open) {
      open = false;
      leave();
    }
  }

  private void leave() {
    try {
      channel.close();
    } catch (IOException _) {
      // What was forced is on disk; what was not is hashed again before it is used.
    }
    release(lock, hold);
  }

  static void release(FileGuard.@Nullable Held lock, StoreHold hold) {
    try (hold) {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
