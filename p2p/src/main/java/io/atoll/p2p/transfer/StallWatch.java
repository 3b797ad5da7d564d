package io.atoll.p2p.transfer;

import java.time.Duration;

/// Runs an action, such as the reset of a stream, when one of many short steps takes too long. A
/// step costs two writes to memory, so that there may be thousands a second.
final class StallWatch implements AutoCloseable {
  private static final long CHECKS = 4;
  private static final long NONE = 0;

  private final Thread thread;
  private volatile long since = NONE;

  StallWatch(Duration longest, Runnable action) {
    thread = Thread.ofVirtual().name("stall").start(() -> watch(longest, action));
  }

  void begin() {
    since = System.nanoTime() | 1; // never NONE
  }

  void end() {
    since = NONE;
  }

  private void watch(Duration longest, Runnable action) {
    try {
      while (true) {
        Thread.sleep(longest.dividedBy(CHECKS));
        long began = since;
        if (began != NONE && System.nanoTime() - began > longest.toNanos()) {
          action.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      // nothing moves any more, or needs to
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
