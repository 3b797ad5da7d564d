package io.atoll.client;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.time.Duration;

/// When to try again after a connection was lost: soon, then more slowly, and not for ever. Used
/// by one thread.
final class Resumption {
  private static final long FIRST_MILLIS = 50;
  private static final long LONGEST_MILLIS = 2000;

  private final Duration patience;
  private long waitMillis = FIRST_MILLIS;
  private long lostAt = -1;
  private boolean everWorked;

  /// @param everWorked whether the hub was ever reached; a first refusal is final otherwise
  Resumption(Duration patience, boolean everWorked) {
    this.patience = patience;
    this.everWorked = everWorked;
  }

  /// Something came: the connection works.
  ///
  /// @return whether it had been lost
  boolean works() {
    boolean wasLost = lostAt >= 0;
    everWorked = true;
    lostAt = -1;
    waitMillis = FIRST_MILLIS;
    return wasLost;
  }

  /// Waits before the next try, or gives up.
  ///
  /// @return whether this is the first failure since it worked
  /// @throws AtollException the failure, if trying again is no use
  boolean failed(AtollException failure) throws InterruptedException {
    boolean passing =
        failure.code() == ErrorCode.UNREACHABLE
            || failure.code() == ErrorCode.NOT_READY
            || failure.code() == ErrorCode.TIMEOUT;
    long now = System.nanoTime();
    boolean first = lostAt < 0;
    if (!passing || (!everWorked && failure instanceof Wire.Refused)) {
      throw failure;
    }
    if (first) {
      lostAt = now;
    } else if (now - lostAt > patience.toNanos()) {
      throw failure;
    }
    Thread.sleep(waitMillis);
    waitMillis = Math.min(LONGEST_MILLIS, waitMillis * 2);
    return first;
  }
}
