package io.atoll.vpn.gateway;

import io.atoll.vpn.gateway.tcp.TcpAction;
import io.atoll.vpn.gateway.tcp.TcpAction.Acknowledged;
import io.atoll.vpn.gateway.tcp.TcpAction.Ended;
import io.atoll.vpn.gateway.tcp.TcpAction.Established;
import io.atoll.vpn.gateway.tcp.TcpAction.Lingering;
import io.atoll.vpn.gateway.tcp.TcpAction.Place;
import io.atoll.vpn.gateway.tcp.TcpAction.Ready;
import io.atoll.vpn.gateway.tcp.TcpAction.Transmit;
import io.atoll.vpn.gateway.tcp.TcpEnd;
import io.atoll.vpn.gateway.tcp.TcpEvent;
import io.atoll.vpn.gateway.tcp.TcpMachine;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One connection: the machine, which is the thread's, and the two rings, which are shared. Counts
/// are of bytes since the beginning.
final class TcpLink extends Held {
  /// What a link needs of its stack; all of it on the stack's thread, but `touch`.
  interface Keeper {
    void touch(Held held);

    void transmit(TcpLink link, TcpSegment segment, ByteRing bytes, long from, int mss);

    void established(TcpLink link);

    /// Nothing of it is needed any more but to answer what is late.
    void lingers(TcpLink link);

    void ended(TcpLink link);
  }

  private final Keeper keeper;
  private final MemoryBudget budget;
  private final Flow flow;
  private final TcpMachine machine;
  private final int maxRing;

  // Of the thread.
  private long toldWritten;
  private long toldConsumed;
  private boolean toldShutdown;
  private boolean toldReleased;
  private long arrivedWhenGrown;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // The rest under the lock.
  private final ByteRing outgoing;
  private final ByteRing incoming;
  private long written;
  private long acknowledged;
  private long readable;
  private long consumed;
  private boolean established;
  private boolean atEnd;
  private boolean shutdown;
  private boolean released;
  private boolean aborted;
  private boolean settled;
  private @Nullable TcpEnd over;

  /// The budget has given two rings of `ring` bytes.
  TcpLink(
      Keeper keeper, MemoryBudget budget, Flow flow, TcpMachine machine, int ring, int maxRing) {
    this.keeper = keeper;
    this.budget = budget;
    this.flow = flow;
    this.machine = machine;
    this.maxRing = maxRing;
    this.outgoing = new ByteRing(ring);
    this.incoming = new ByteRing(ring);
  }

  Flow flow() {
    return flow;
  }

  // On the stack's thread.

  void open(long now) {
    apply(machine.step(now, new TcpEvent.Open()), null, 0);
  }

  /// @param at where the segment's bytes begin
  void arrived(long now, TcpSegment segment, MemorySegment memory, long at) {
    apply(machine.step(now, new TcpEvent.Arrived(segment)), memory, at);
  }

  void told(long now, TcpEvent event) {
    apply(machine.step(now, event), null, 0);
  }

  void abort(long now) {
    told(now, new TcpEvent.Abort());
  }

  @Override
  void serve(long now) {
    long nowWritten;
    long nowConsumed;
    boolean nowShutdown;
    boolean nowReleased;
    boolean nowAborted;
    boolean grow;
    lock.lock();
    try {
      nowWritten = written;
      nowConsumed = consumed;
      nowShutdown = shutdown;
      nowReleased = released;
      nowAborted = aborted;
      grow = growIncoming();
    } finally {
      lock.unlock();
    }
    if (nowAborted) {
      abort(now);
      return;
    }
    if (grow) {
      told(now, new TcpEvent.Grown(incoming.capacity()));
    }
    if (nowWritten > toldWritten) {
      toldWritten = nowWritten;
      told(now, new TcpEvent.Written(nowWritten));
    }
    if (nowConsumed > toldConsumed) {
      toldConsumed = nowConsumed;
      told(now, new TcpEvent.Consumed(nowConsumed));
    }
    if (nowShutdown && !toldShutdown) {
      toldShutdown = true;
      told(now, new TcpEvent.Shutdown());
    }
    if (nowReleased && !toldReleased) {
      toldReleased = true;
      told(now, new TcpEvent.Released());
    }
    told(now, new TcpEvent.Turn());
  }

  /// A stream that goes on, and whose reader keeps up, gets a larger window.
  private boolean growIncoming() {
    int size = incoming.capacity();
    boolean busy = readable - arrivedWhenGrown >= 2L * size && readable - consumed <= size / 2;
    if (!busy || size >= maxRing || settled || released || !budget.take(size)) {
      return false;
    }
    arrivedWhenGrown = readable;
    incoming.grow(consumed);
    return true;
  }

  @Override
  long deadline() {
    return machine.deadline();
  }

  private void apply(Iterable<TcpAction> actions, @Nullable MemorySegment memory, long at) {
    for (TcpAction action : actions) {
      switch (action) {
        case Transmit(TcpSegment segment, long from, int mss) ->
            keeper.transmit(this, segment, outgoing, from, mss);
        case Place place -> place(place, memory, at);
        case Ready(long total, boolean end) -> readable(total, end);
        case Acknowledged(long total) -> acknowledged(total);
        case Established() -> establish();
        case Lingering() -> {
          over(TcpEnd.CLOSED);
          keeper.lingers(this);
        }
        case Ended(TcpEnd end) -> {
          over(end);
          keeper.ended(this);
        }
      }
    }
  }

  private void place(Place place, @Nullable MemorySegment memory, long at) {
    if (memory == null) {
      throw new IllegalStateException("bytes of no segment");
    }
    lock.lock();
    try {
      incoming.put(place.at(), memory, at + place.skip(), place.length());
    } finally {
      lock.unlock();
    }
  }

  private void readable(long total, boolean end) {
    lock.lock();
    try {
      readable = total;
      atEnd |= end;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void acknowledged(long total) {
    lock.lock();
    try {
      acknowledged = total;
      // A writer is not woken for each segment.
      if (written - total <= outgoing.capacity() / 4 * 3L) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void establish() {
    lock.lock();
    try {
      established = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    keeper.established(this);
  }

  /// The thread has no machine for it any more.
  void over(TcpEnd end) {
    lock.lock();
    try {
      if (over == null) {
        over = end;
        outgoing.free();
        settle();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Gives the memory back once nobody reads from it.
  private void settle() {
    if (over != null && !settled && (released || consumed == readable)) {
      settled = true;
      budget.give(outgoing.capacity() + (long) incoming.capacity());
    }
  }

  // For whoever uses the stream.

  /// @return why it is not there; null if it is
  @Nullable TcpEnd awaitEstablished(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!established && over == null) {
        if (left <= 0) {
          return TcpEnd.TIMED_OUT;
        }
        left = changed.awaitNanos(left);
      }
      return established ? null : over;
    } finally {
      lock.unlock();
    }
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      lock.lock();
      try {
        awaitRoom();
        int room = (int) (outgoing.capacity() - (written - acknowledged));
        int part = Math.min(room, length - done);
        outgoing.put(written, bytes, offset + done, part);
        written += part;
        done += part;
      } finally {
        lock.unlock();
      }
      keeper.touch(this);
    }
  }

  private void awaitRoom() throws IOException {
    while (true) {
      if (over != null || shutdown || released) {
        throw new IOException("writing to " + flow + ": " + why());
      }
      int size = outgoing.capacity();
      if (written - acknowledged < size) {
        return;
      }
      if (size < maxRing && budget.take(size)) {
        outgoing.grow(acknowledged);
        return;
      }
      await();
    }
  }

  private String why() {
    if (over == null) {
      return "this side of the connection is closed already";
    }
    return switch (over) {
      case CLOSED -> "the connection is closed";
      case REFUSED, RESET -> "the other side broke the connection off";
      case ABORTED -> "this side broke the connection off";
      case TIMED_OUT -> "the other side does not answer any more";
      case UNREACHABLE -> "there is no way to it any more";
    };
  }

  @SuppressWarnings("WaitNotInLoop") // Whoever calls it looks again.
  private void await() throws InterruptedIOException {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for " + flow);
    }
  }

  /// @return -1 at the end
  int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    boolean tell;
    int part;
    lock.lock();
    try {
      while (consumed == readable) {
        if (released) {
          throw new IOException("reading from " + flow + ": " + why());
        }
        if (atEnd) {
          settle();
          return -1;
        }
        if (over != null) {
          throw new IOException("reading from " + flow + ": " + why());
        }
        await();
      }
      part = (int) Math.min(length, readable - consumed);
      incoming.get(consumed, into, offset, part);
      long before = consumed;
      consumed += part;
      int step = incoming.capacity() / 4;
      tell = before / step != consumed / step;
      settle();
    } finally {
      lock.unlock();
    }
    if (tell) {
      keeper.touch(this);
    }
    return part;
  }

  int available() {
    lock.lock();
    try {
      return (int) (readable - consumed);
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more is written.
  void shutdown() {
    lock.lock();
    try {
      shutdown = true;
    } finally {
      lock.unlock();
    }
    keeper.touch(this);
  }

  /// Nobody uses it any more.
  ///
  /// @param abort whether the other end is to see that it was broken off
  void release(boolean abort) {
    lock.lock();
    try {
      released = true;
      aborted |= abort;
      settle();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    keeper.touch(this);
  }
}
