package io.atoll.daemon.rest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.Caller;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The threads that serve open streams, and for whom, so that a stopping server can end them at
/// once, and those of a key that is revoked. Owned by one `RestServer`.
final class LiveStreams {
  /// Guarded by this, as the next two.
  private final Map<Thread, Caller> threads = new HashMap<>();

  /// Whose streams were ended: one that was let in a moment before comes too late.
  private final Set<Caller> ended = new HashSet<>();

  private boolean closed;

  /// Closed by the stream's own thread when it ends.
  interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  /// Admits the calling thread, for the caller on whose behalf it does all it does.
  Admission admit() {
    return admit(Caller.current());
  }

  synchronized Admission admit(Caller caller) {
    if (closed) {
      throw new AtollException(ErrorCode.NOT_READY, "the hub is stopping", "ask again in a moment");
    }
    if (ended.contains(caller)) {
      throw new AtollException(
          ErrorCode.UNAUTHENTICATED,
          "the key was revoked",
          "ask the hub's owner for an invite (atoll invite create --role app)");
    }
    Thread self = Thread.currentThread();
    threads.put(self, caller);
    return () -> leave(self);
  }

  private synchronized void leave(Thread self) {
    threads.remove(self);
  }

  synchronized int count() {
    return threads.size();
  }

  /// Ends the streams of a caller who may have none from now on.
  synchronized void end(Caller caller) {
    ended.add(caller);
    threads.forEach(
        (thread, of) -> {
          if (of.equals(caller)) {
            thread.interrupt();
          }
        });
  }

  synchronized void close() {
    closed = true;
    threads.keySet().forEach(Thread::interrupt);
  }
}
