package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/// A few reading connections, opened when first needed. The one used last is used next, so a quiet
/// hub keeps one. A query's native calls hold the carrier of a virtual thread, for microseconds;
/// who waits for a free connection does not.
final class Readers implements AutoCloseable {
  private static final int AT_MOST = 4;

  private final Path file;
  private final InstantSource clock;
  private final Semaphore free = new Semaphore(AT_MOST, true);
  private final ConcurrentLinkedDeque<Reader> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  Readers(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  <R> R read(Query<R> query) throws SQLException {
    free.acquireUninterruptibly();
    try {
      if (closed) {
        throw closed(file);
      }
      Reader reader = idle.pollFirst();
      if (reader == null) {
        reader = new Reader(file, clock);
      }
      boolean good = false;
      try {
        R answer = reader.read(query);
        good = true;
        return answer;
      } finally {
        if (good) {
          idle.addFirst(reader);
        } else {
          reader.close();
        }
      }
    } finally {
      free.release();
    }
  }

  /// Waits for queries that are under way; later ones are refused.
  @Override
  public void close() throws SQLException {
    free.acquireUninterruptibly(AT_MOST);
    try {
      closed = true;
      Reader reader = idle.pollFirst();
      while (reader != null) {
        reader.close();
        reader = idle.pollFirst();
      }
    } finally {
      free.release(AT_MOST);
    }
  }

  static StoreException closed(Path file) {
    return new StoreException(
        ErrorCode.NOT_READY,
        "the hub's store " + file + " is closed",
        "the daemon is stopping; try again once it runs");
  }
}
