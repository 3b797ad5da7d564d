package io.atoll.daemon.rest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The threads that serve open streams, so that a stopping server can end them at once. Owned by
/// one `RestServer`.
final class LiveStreams {
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /// Closed by the stream's own thread when it ends.
  interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  /// Admits the calling thread.
  Admission admit() {
    Thread self = Thread.currentThread();
    threads.add(self);
    if (closed) {
      threads.remove(self);
      throw new AtollException(ErrorCode.NOT_READY, "the hub is stopping", "ask again in a moment");
    }
    return () -> threads.remove(self);
  }

  int count() {
    return threads.size();
  }

  void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }
}
