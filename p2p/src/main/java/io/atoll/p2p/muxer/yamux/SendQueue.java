package io.atoll.p2p.muxer.yamux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What a session still has to write. Control frames go first; data goes round the streams, 64 KiB
/// of each in its turn. One lock guards this and the sending half (`Outlet`) of every stream;
/// nothing blocks
/// under it.
final class SendQueue {
  private static final int MAX_CONTROL = 4096;
  private static final int BATCH = 128 << 10;
  private static final long SESSION_LIMIT = 4L << 20;
  static final int STREAM_LIMIT = 256 << 10;
  private static final int SMALL = 2 << 10;
  private static final byte[] NONE = new byte[0];

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private final Deque<Frame> control = new ArrayDeque<>();
  private final Deque<Outlet> ready = new ArrayDeque<>();
  private final SequencedSet<Outlet> crowded = new LinkedHashSet<>();
  private long queued;
  private boolean writing;
  private @Nullable IOException failure;

  /// The sending half of one stream. All fields under the lock of the queue.
  final class Outlet {
    private final int stream;
    private final Runnable finished;
    private final Condition writable = lock.newCondition();
    private final Deque<Frame> frames = new ArrayDeque<>();
    private long credit = YamuxStream.FIRST_WINDOW;
    private int waiting;
    private boolean listed;
    private boolean fin;
    private boolean finSent;
    private @Nullable IOException broken;

    private Outlet(int stream, Runnable finished) {
      this.stream = stream;
      this.finished = finished;
    }

    /// Takes what fits into one frame, and queues it, once there is credit and room. A small frame
    /// that still waits is filled up: writes a little larger than a frame would leave one each.
    void write(ByteBuffer from) throws IOException {
      lock.lock();
      try {
        while (true) {
          check();
          if (credit > 0 && waiting < STREAM_LIMIT) {
            if (queued < SESSION_LIMIT) {
              break;
            }
            crowded.add(this);
          }
          writable.await();
        }
        byte[] small = takeBackSmall();
        int room = Frame.MAX_BODY - small.length;
        int count = (int) Math.min(Math.min(from.remaining(), credit), room);
        byte[] body = Arrays.copyOf(small, small.length + count);
        from.get(body, small.length, count);
        credit -= count;
        waiting += count;
        queued += count;
        frames.add(Frame.data(stream, body));
        list();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while writing to a stream");
      } finally {
        lock.unlock();
      }
    }

    private byte[] takeBackSmall() {
      Frame last = frames.peekLast();
      if (last == null || last.body().length > SMALL) {
        return NONE;
      }
      frames.removeLast();
      return last.body();
    }

    void check() throws IOException {
      lock.lock();
      try {
        if (broken != null) {
          throw new IOException(broken.getMessage(), broken);
        }
        if (failure != null) {
          throw lost(failure);
        }
        if (fin) {
          throw new IOException("the stream is closed for writing");
        }
      } finally {
        lock.unlock();
      }
    }

    /// After what is queued, FIN.
    void finish() {
      lock.lock();
      try {
        if (!fin && broken == null && failure == null) {
          fin = true;
          list();
          writable.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    /// Drops what is queued; writers get this error.
    void breakOff(IOException reason) {
      lock.lock();
      try {
        if (broken == null) {
          broken = reason;
          queued -= waiting;
          waiting = 0;
          frames.clear();
          ready.remove(this);
          crowded.remove(this);
          listed = false;
          writable.signalAll();
          wakeCrowded();
        }
      } finally {
        lock.unlock();
      }
    }

    /// @throws ProtocolException if the peer gives more credit than any window
    void credit(int delta) throws ProtocolException {
      lock.lock();
      try {
        credit += Integer.toUnsignedLong(delta);
        if (credit > Integer.toUnsignedLong(-1)) {
          throw new ProtocolException("yamux: credit beyond 4 GiB");
        }
        writable.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void list() {
      if (!listed) {
        listed = true;
        ready.add(this);
        work.signal();
      }
    }
  }

  Outlet outlet(int stream, Runnable finished) {
    return new Outlet(stream, finished);
  }

  /// Queues what this end has to say; in vain on a lost session.
  void control(Frame frame) {
    lock.lock();
    try {
      if (failure == null) {
        control.add(frame);
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Queues what the peer made this end say.
  ///
  /// @throws ProtocolException if it asks for more than it takes
  void answer(Frame frame) throws ProtocolException {
    lock.lock();
    try {
      if (control.size() >= MAX_CONTROL) {
        throw new ProtocolException("yamux: the peer asks for answers and does not take them");
      }
      control(frame);
    } finally {
      lock.unlock();
    }
  }

  /// Waits for frames and moves a batch of them into `into`; the streams whose FIN is among them
  /// are told by their `finished` action.
  void take(List<Frame> into) throws IOException, InterruptedException {
    Deque<Outlet> ended = new ArrayDeque<>();
    lock.lockInterruptibly();
    try {
      writing = false;
      while (control.isEmpty() && ready.isEmpty()) {
        drained.signalAll();
        if (failure != null) {
          throw lost(failure);
        }
        work.await();
      }
      if (failure != null) {
        throw lost(failure);
      }
      writing = true;
      int size = control.size() * Frame.HEADER;
      into.addAll(control);
      control.clear();
      while (size < BATCH && !ready.isEmpty()) {
        Outlet next = ready.remove();
        next.listed = false;
        int taken = 0;
        for (Frame frame = next.frames.peek();
            frame != null && (taken == 0 || taken + frame.body().length <= Frame.MAX_BODY);
            frame = next.frames.peek()) {
          into.add(next.frames.remove());
          taken += frame.body().length;
          size += Frame.HEADER;
        }
        if (taken > 0) {
          size += taken;
          next.waiting -= taken;
          queued -= taken;
          next.writable.signal();
        }
        if (!next.frames.isEmpty()) {
          next.list();
        } else if (next.fin && !next.finSent) {
          next.finSent = true;
          into.add(Frame.window(next.stream, Frame.FIN, 0));
          ended.add(next);
        }
      }
      wakeCrowded();
    } finally {
      lock.unlock();
    }
    ended.forEach(outlet -> outlet.finished.run());
  }

  /// Waits until all is written, the session is lost, or the time is over.
  void drain(long millis) {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (failure == null && left > 0 && (writing || !control.isEmpty() || !ready.isEmpty())) {
        left = drained.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Whether something is being written, or waits for it.
  boolean busy() {
    lock.lock();
    try {
      return writing || !control.isEmpty() || !ready.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  void fail(IOException reason) {
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
        work.signalAll();
        drained.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void wakeCrowded() {
    while (queued < SESSION_LIMIT && !crowded.isEmpty()) {
      crowded.removeFirst().writable.signal();
    }
  }

  static IOException lost(IOException reason) {
    return new IOException("the connection is lost: " + reason.getMessage(), reason);
  }
}
