package io.atoll.p2p.transport;

import java.time.Duration;

/// Runs an action, such as closing a socket, unless it is closed in time: how a blocking exchange
/// with a stranger gets its limit.
public final class Deadline implements AutoCloseable {
  private final Thread thread;
  private boolean over;
  private boolean fired;

  public Deadline(Duration timeout, Runnable action) {
    thread =
        Thread.ofVirtual()
            .name("deadline")
            .start(
                () -> {
                  try {
                    Thread.sleep(timeout);
                  } catch (InterruptedException inTime) {
                    return;
                  }
                  if (fire()) {
                    action.run();
                  }
                });
  }

  private synchronized boolean fire() {
    fired = !over;
    return fired;
  }

  /// Whether the time ran out before `close`.
  public synchronized boolean fired() {
    return fired;
  }

  /// After this the action does not begin any more.
  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    thread.interrupt();
  }
}
