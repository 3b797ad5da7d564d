package io.atoll.p2p.udp;

import io.atoll.core.os.Errno;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which ways of sending the system still takes: known to all who send on a socket.
final class SendWays {
  private static final Logger log = LoggerFactory.getLogger(SendWays.class);

  /// A path that is too narrow for a segment refuses as a kernel that cannot cut does. So many
  /// refusals without a success are believed, for a while.
  private static final int MOST_REFUSALS = 8;

  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final boolean canCut;
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile boolean many;
  private volatile boolean paused;
  private volatile long pausedSince;

  SendWays(boolean many, boolean cuts) {
    this.many = many;
    this.canCut = cuts;
  }

  boolean many() {
    return many;
  }

  boolean cuts() {
    if (paused && System.nanoTime() - pausedSince > PAUSE_NANOS) {
      paused = false;
      refusals.set(0);
    }
    return canCut && !paused;
  }

  void cutTaken() {
    if (refusals.get() != 0) {
      refusals.set(0);
    }
  }

  /// @return whether this is a refusal to cut, so that the same may be sent in another way
  boolean cutRefused(int errno) {
    switch (errno) {
      case Errno.EIO -> pause(errno);
      case Errno.EINVAL, Errno.EMSGSIZE, Errno.EOPNOTSUPP -> {
        if (refusals.incrementAndGet() >= MOST_REFUSALS) {
          pause(errno);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void pause(int errno) {
    pausedSince = System.nanoTime();
    paused = true;
    log.info("the kernel refuses to cut UDP (errno {}): not asked for it for a minute", errno);
  }

  /// @return whether this is a refusal to take many at once
  boolean manyRefused(int errno) {
    if (errno != Errno.ENOSYS) {
      return false;
    }
    many = false;
    log.info("the kernel refuses sendmmsg: packets are sent one by one");
    return true;
  }
}
