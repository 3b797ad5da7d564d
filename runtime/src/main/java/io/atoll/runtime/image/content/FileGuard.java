package io.atoll.runtime.image.content;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A lock on a file, between threads of this process and between processes; gone when its process
/// is. Shared or exclusive. The system's locks belong to a whole process and end with the first
/// channel that is closed, so threads are kept apart here, and one channel a file is open.
final class FileGuard {
  private static final Map<Path, FileGuard> HERE = new HashMap<>();
  private static final Duration POLL = Duration.ofMillis(20);

  private final Path file;
  private int holders;
  private boolean exclusive;
  private @Nullable FileChannel channel;

  private FileGuard(Path file) {
    this.file = file;
  }

  /// A lock that is held until it is closed. Any thread may close it.
  static final class Held implements AutoCloseable {
    private final FileGuard guard;
    private boolean open = true;

    private Held(FileGuard guard) {
      this.guard = guard;
    }

    @Override
    public void close() throws IOException {
      synchronized (HERE) {
        if (open) {
          open = false;
          guard.leave();
        }
      }
    }
  }

  static Held take(Path file, boolean exclusive) throws IOException, InterruptedException {
    while (true) {
      Optional<Held> held = tryTake(file, exclusive);
      if (held.isPresent()) {
        return held.get();
      }
      Thread.sleep(POLL);
    }
  }

  /// @return empty if it is not free within the time
  static Optional<Held> take(Path file, boolean exclusive, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<Held> held = tryTake(file, exclusive);
      if (held.isPresent() || System.nanoTime() >= deadline) {
        return held;
      }
      Thread.sleep(POLL);
    }
  }

  static Optional<Held> tryTake(Path file, boolean exclusive) throws IOException {
    Path key = file.toAbsolutePath().normalize();
    synchronized (HERE) {
      FileGuard guard = HERE.computeIfAbsent(key, FileGuard::new);
      return guard.enter(exclusive) ? Optional.of(new Held(guard)) : Optional.empty();
    }
  }

  private boolean enter(boolean alone) throws IOException {
    if (holders > 0) {
      if (alone || exclusive) {
        return false;
      }
      holders++;
      return true;
    }
    boolean entered = false;
    try {
      FileChannel opened = DurableFiles.open(file);
      channel = opened;
      FileLock lock = opened.tryLock(0, Long.MAX_VALUE, !alone);
      entered = lock != null;
    } finally {
      if (!entered) {
        forget();
      }
    }
    if (entered) {
      holders = 1;
      exclusive = alone;
    }
    return entered;
  }

  private void leave() throws IOException {
    holders--;
    if (holders == 0) {
      forget();
    }
  }

  private void forget() throws IOException {
    HERE.remove(file);
    FileChannel known = channel;
    channel = null;
    if (known != null) {
      known.close();
    }
  }
}
