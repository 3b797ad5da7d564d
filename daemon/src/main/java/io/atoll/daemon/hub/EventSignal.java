package io.atoll.daemon.hub;

/// Wakes those who wait for newer events than they have seen.
final class EventSignal {
  private long last;

  synchronized void reached(long seq) {
    if (seq > last) {
      last = seq;
      notifyAll();
    }
  }

  /// Waits until there is an event after `seq`, `nanos` at most. Returns whether there is one.
  synchronized boolean await(long seq, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (last <= seq) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
