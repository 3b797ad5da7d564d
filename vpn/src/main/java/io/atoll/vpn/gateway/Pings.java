package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Echo requests that wait for their answers.
final class Pings {
  private static final int MOST = 1024;

  private static final class Waiting {
    private final IpAddress to;
    private final long since;
    private long took = -1;
    private boolean unreachable;

    Waiting(IpAddress to, long since) {
      this.to = to;
      this.since = since;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Waiting> waiting = new HashMap<>(); // under the lock
  private int last;

  /// @return the identifier and sequence number to send, or null if there are too many
  @Nullable Integer begin(IpAddress to, long now) {
    lock.lock();
    try {
      if (waiting.size() >= MOST) {
        return null;
      }
      last += 0x9e37_79b1; // Odd: it meets every number before it comes again.
      waiting.put(last, new Waiting(to, now));
      return last;
    } finally {
      lock.unlock();
    }
  }

  /// @return null if there was no answer in time, and less than zero if somebody says there is none
  @Nullable Duration await(int number, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      Waiting mine = waiting.get(number);
      long left = timeout.toNanos();
      while (mine != null && mine.took < 0 && !mine.unreachable && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (mine == null || (mine.took < 0 && !mine.unreachable)) {
        return null;
      }
      return Duration.of(mine.took, TimeUnit.NANOSECONDS.toChronoUnit());
    } finally {
      waiting.remove(number);
      lock.unlock();
    }
  }

  void answered(IpAddress from, int number, long now) {
    lock.lock();
    try {
      Waiting known = waiting.get(number);
      if (known != null && known.to.equals(from) && known.took < 0) {
        known.took = now - known.since;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void unreachable(IpAddress to, int number) {
    lock.lock();
    try {
      Waiting known = waiting.get(number);
      if (known != null && known.to.equals(to)) {
        known.unreachable = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
