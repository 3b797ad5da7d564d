package io.atoll.runtime.microvm;

import io.atoll.runtime.card.CardText;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.driver.Activity.State;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is known of one guest, and waiting for it. The conversation tells it what the agent says,
/// the activity what callers want; none of its methods waits for the guest under the lock.
final class GuestState {
  private static final Logger log = LoggerFactory.getLogger(GuestState.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable AgentLink link; // guarded by lock
  private @Nullable End end; // guarded by lock
  private boolean known; // the agent said what there is; guarded by lock
  private boolean started; // guarded by lock
  private boolean suspended; // guarded by lock
  private boolean late; // its clock stood still, and nobody set it since; guarded by lock
  private @Nullable Duration stopping; // grace; guarded by lock
  private String failure = ""; // why we ended it; guarded by lock
  private long outputEnd; // guarded by lock

  /// Cards whose addresses it is not known to have; guarded by lock.
  private GuestCards moving;

  private int asked; // number of the last request for an address; guarded by lock
  private int refused; // errno of any of them; guarded by lock

  GuestState(boolean suspended, long outputEnd) {
    this(suspended, outputEnd, GuestCards.NONE);
  }

  /// @param moving cards as they are by the run's folder: an earlier daemon may have died before
  ///     it told the guest
  GuestState(boolean suspended, long outputEnd, GuestCards moving) {
    this.suspended = suspended;
    this.late = suspended;
    this.outputEnd = outputEnd;
    this.moving = moving;
  }

  /// Of a guest that has ended already.
  static GuestState ended(End end) {
    GuestState state = new GuestState(false, end.outputEnd());
    state.setEnd(end);
    return state;
  }

  State state() {
    lock.lock();
    try {
      return end != null ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  /// Null before the end.
  @Nullable End end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }

  long outputEnd() {
    lock.lock();
    try {
      return outputEnd;
    } finally {
      lock.unlock();
    }
  }

  /// Why this side ended it; empty if it did not.
  String failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  // ---- what the agent said

  /// @param connection on which the agent answered; null once that is gone
  void setLink(@Nullable AgentLink connection) {
    lock.lock();
    try {
      link = connection;
      known |= connection != null;
      Duration grace = stopping;
      if (connection != null && grace != null) {
        tell(connection, grace);
      }
      setClock();
      sendMoves();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock. Sets the clock of a guest that goes on, as soon as there is a way to it.
  private void setClock() {
    AgentLink agent = link;
    if (!late || suspended || agent == null) {
      return;
    }
    try {
      agent.clock();
      late = false;
    } catch (IOException e) {
      log.debug("the clock of a guest stays behind for now: {}", e.toString());
    }
  }

  void setMoved(AgentMessage.Moved said) {
    lock.lock();
    try {
      refused = said.errno() == 0 ? refused : said.errno();
      if (said.number() == asked) {
        moving = GuestCards.NONE;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void setStarted() {
    lock.lock();
    try {
      started = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// @param until how much output is in the run's folder
  void written(long until) {
    lock.lock();
    try {
      outputEnd = until;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void setEnd(End found) {
    lock.lock();
    try {
      end = found;
      link = null;
      outputEnd = Math.max(outputEnd, found.outputEnd());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- what callers want

  /// Tells the agent to stop its payload, now or once it answers again.
  void stop(Duration grace) {
    lock.lock();
    try {
      stopping = grace;
      AgentLink now = link;
      if (now != null) {
        tell(now, grace);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void tell(AgentLink connection, Duration grace) {
    try {
      connection.stop(grace);
    } catch (IOException e) {
      log.debug("a guest was not told to stop; it will be when it is back");
    }
  }

  /// @param wanted false also sets the guest's clock right, which stood still
  void setSuspended(boolean wanted) {
    lock.lock();
    try {
      suspended = wanted;
      late |= wanted;
      setClock();
      sendMoves();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Tells the guest what addresses its cards have, and waits until it has them. A guest that
  /// stands still, or does not answer just now, is told when it can be.
  ///
  /// @throws IOException if it does not take them, or says nothing for so long
  void move(GuestCards cards, Duration atMost) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      moving = cards;
      sendMoves();
      long nanos = atMost.toNanos();
      while (end == null && !suspended && moving.count() > 0 && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (end == null && !suspended && moving.count() > 0) {
        throw new IOException("the guest did not answer in " + atMost.toSeconds() + " s");
      }
      if (moving.count() == 0 && refused != 0) {
        throw new IOException("the guest's kernel refused them (errno " + refused + ")");
      }
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock.
  private void sendMoves() {
    AgentLink agent = link;
    if (moving.count() == 0 || suspended || agent == null) {
      return;
    }
    refused = 0;
    try {
      String hosts = HostsFile.text(moving.cards());
      for (NetworkCard card : moving.cards()) {
        agent.move(++asked, CardText.word(card), hosts);
      }
    } catch (IOException e) {
      log.debug("a guest was not told its addresses; it will be when it is back");
    }
  }

  // ---- waiting

  /// Waits until the payload runs, the run has ended or is suspended. If the time is over first,
  /// that is the failure for which the run is to be ended.
  ///
  /// @return whether it came so far in time
  boolean awaitBegun(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && !started && !suspended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (end != null || started || suspended) {
        return true;
      }
      failure = "the guest did not begin in " + atMost.toSeconds() + " s";
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the agent has said what there is, the run has ended, or the time is over.
  void awaitKnown(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && !known && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  End await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      End found = end;
      while (found == null) {
        changed.await();
        found = end;
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// @return whether it has ended
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return end != null;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for output beyond an offset, the end, or until the time is over.
  long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && outputEnd <= beyond && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return outputEnd;
    } finally {
      lock.unlock();
    }
  }
}
