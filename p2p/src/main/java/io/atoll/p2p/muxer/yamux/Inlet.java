package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.transport.BulkInput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The receiving half of a stream: what came and was not read yet, and the credit of the peer. One
/// lock guards all of it; it is never held while a frame is queued.
final class Inlet {
  /// What a chunk costs beside its bytes: a peer that sends single bytes pays for it.
  private static final int CHUNK_OVERHEAD = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Deque<byte[]> chunks = new ArrayDeque<>();
  private final YamuxSession session;
  private final int stream;
  private int offset;
  private long credit = YamuxStream.FIRST_WINDOW;
  private int window = YamuxStream.FIRST_WINDOW;
  private long consumed;
  private long unread;
  private long epoch = System.nanoTime();
  private boolean ended;
  private boolean ignoring;
  private @Nullable IOException broken;
  private boolean discarded;

  /// How often what was unread was dropped.
  private int dropped;

  Inlet(YamuxSession session, int stream) {
    this.session = session;
    this.stream = stream;
  }

  /// A data frame of this length begins. False if the peer has no credit for it.
  boolean admit(long length) {
    lock.lock();
    try {
      if (length > credit) {
        return false;
      }
      credit -= length;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// False if the session holds too much that nobody reads.
  boolean deliver(byte[] chunk) {
    int back = 0;
    lock.lock();
    try {
      if (broken != null || chunk.length == 0) {
        return true;
      }
      if (ignoring) {
        consumed += chunk.length;
        back = creditToGive();
      } else {
        if (!session.hold(chunk.length + CHUNK_OVERHEAD)) {
          return false;
        }
        unread += chunk.length;
        chunks.add(chunk);
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
    give(back);
    return true;
  }

  int read(byte[] into, int at, int length) throws IOException {
    return pass(length, (chunk, offset, count) -> System.arraycopy(chunk, offset, into, at, count));
  }

  /// Lets `taker` see up to `most` bytes where they lie, and then counts them as read.
  int pass(int most, BulkInput.Taker taker) throws IOException {
    byte[] chunk;
    int from;
    int count;
    int before;
    lock.lock();
    try {
      byte[] next = awaitChunk();
      if (next == null) {
        return -1;
      }
      chunk = next;
      from = offset;
      before = dropped;
      count = Math.min(most, chunk.length - offset);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading from a stream");
    } finally {
      lock.unlock();
    }
    taker.take(chunk, from, count);
    give(passed(chunk, count, before));
    return count;
  }

  /// @return the credit that the peer gets back
  private int passed(byte[] chunk, int count, int before) {
    lock.lock();
    try {
      if (dropped != before) {
        return 0; // the chunk, too, and it was counted there
      }
      offset += count;
      if (offset == chunk.length) {
        chunks.remove();
        offset = 0;
        session.release(chunk.length + CHUNK_OVERHEAD);
      }
      unread -= count;
      consumed += count;
      return ended ? 0 : creditToGive();
    } finally {
      lock.unlock();
    }
  }

  private byte @Nullable [] awaitChunk() throws IOException, InterruptedException {
    while (true) {
      if (ignoring) {
        throw new IOException("the stream is closed for reading");
      }
      byte[] chunk = chunks.peek();
      if (chunk != null && !discarded) {
        return chunk;
      }
      if (ended) {
        return null;
      }
      if (broken != null) {
        throw new IOException(broken.getMessage(), broken);
      }
      readable.await();
    }
  }

  int available() {
    lock.lock();
    try {
      return (int) Math.min(unread, Integer.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  /// The peer's FIN: what came before it can still be read.
  void end() {
    lock.lock();
    try {
      ended = true;
      readable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Nobody reads here any more: what comes is dropped, and paid back so that the peer can finish.
  void ignore() {
    int back;
    lock.lock();
    try {
      if (ignoring || broken != null) {
        return;
      }
      ignoring = true;
      consumed += unread;
      drop();
      back = ended ? 0 : creditToGive();
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    give(back);
  }

  /// @param discard a reset, after which not even what came before is read
  void breakOff(IOException reason, boolean discard) {
    lock.lock();
    try {
      if (broken == null) {
        broken = reason;
        if (discard) {
          discarded = true;
          ended = false;
          drop();
        }
        session.shrink(window - YamuxStream.FIRST_WINDOW);
        readable.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Both directions are over; what is unread stays readable.
  void finished() {
    lock.lock();
    try {
      if (broken == null) {
        session.shrink(window - YamuxStream.FIRST_WINDOW);
        window = YamuxStream.FIRST_WINDOW;
      }
    } finally {
      lock.unlock();
    }
  }

  private void drop() {
    for (byte[] chunk : chunks) {
      session.release(chunk.length + CHUNK_OVERHEAD);
    }
    chunks.clear();
    dropped++;
    offset = 0;
    unread = 0;
  }

  /// Half a window is worth a frame; a window that is used up within four round trips is too small.
  private int creditToGive() {
    if (broken != null || consumed < window / 2) {
      return 0;
    }
    long now = System.nanoTime();
    long roundTrip = session.roundTripNanos();
    long back = consumed;
    if (roundTrip > 0 && now - epoch < 4 * roundTrip) {
      int larger = (int) Math.min(2L * window, session.config().maxWindow());
      if (larger > window && session.grow(larger - window)) {
        back += larger - window;
        window = larger;
      }
    }
    epoch = now;
    consumed = 0;
    credit += back;
    return (int) back;
  }

  private void give(int back) {
    if (back > 0) {
      session.queue().control(Frame.window(stream, 0, back));
    }
  }
}
