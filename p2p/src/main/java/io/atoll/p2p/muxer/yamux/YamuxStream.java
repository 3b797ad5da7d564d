package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.MuxedStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/// One stream. It is forgotten by its session when both ends have said FIN, or one has said RST.
final class YamuxStream implements MuxedStream {
  static final int FIRST_WINDOW = 256 << 10;

  private final YamuxSession session;
  private final int id;
  private final Inlet inlet;
  private final SendQueue.Outlet outlet;
  private final In in = new In();
  private final Out out = new Out();
  private final ReentrantLock writers = new ReentrantLock();

  // Under the lock of this object.
  private boolean sentFin;
  private boolean gotFin;
  private long closedNanos;
  private boolean closed;

  /// Whether the peer acknowledged it. Under the lock of the session.
  boolean acknowledged;

  YamuxStream(YamuxSession session, int id) {
    this.session = session;
    this.id = id;
    this.inlet = new Inlet(session, id);
    this.outlet = session.queue().outlet(id, this::finSent);
  }

  int id() {
    return id;
  }

  Inlet inlet() {
    return inlet;
  }

  SendQueue.Outlet outlet() {
    return outlet;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void reset() {
    if (session.forget(this)) {
      breakOff(new IOException("the stream was reset by this end"), true);
      session.queue().control(Frame.window(id, Frame.RST, 0));
    } else {
      inlet.breakOff(new IOException("the stream was reset by this end"), true);
    }
  }

  @Override
  public void close() {
    outlet.finish();
    inlet.ignore();
    synchronized (this) {
      closed = true;
      closedNanos = System.nanoTime();
    }
  }

  /// The peer said RST, or the session is lost.
  void breakOff(IOException reason, boolean discard) {
    outlet.breakOff(reason);
    inlet.breakOff(reason, discard);
  }

  /// The peer said FIN.
  void finReceived() {
    inlet.end();
    boolean over;
    synchronized (this) {
      gotFin = true;
      over = sentFin;
    }
    if (over) {
      session.forget(this);
    }
  }

  private void finSent() {
    boolean over;
    synchronized (this) {
      sentFin = true;
      over = gotFin;
    }
    if (over) {
      session.forget(this);
    }
  }

  /// Whether this end closed it that long ago, and the peer goes on.
  synchronized boolean lingers(long nanos) {
    return closed && !gotFin && System.nanoTime() - closedNanos > nanos;
  }

  private final class In extends BulkInput {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      return length == 0 ? 0 : inlet.read(into, offset, length);
    }

    @Override
    public int pass(int most, Taker taker) throws IOException {
      return inlet.pass(most, taker);
    }

    @Override
    public int available() {
      return inlet.available();
    }

    /// Stops reading; the other direction goes on.
    @Override
    public void close() {
      inlet.ignore();
    }
  }

  private final class Out extends BulkOutput {
    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      write(ByteBuffer.wrap(from, offset, length));
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
      writers.lock();
      try {
        if (!from.hasRemaining()) {
          outlet.check();
        }
        while (from.hasRemaining()) {
          outlet.write(from);
        }
      } finally {
        writers.unlock();
      }
    }

    @Override
    public void close() {
      outlet.finish();
    }
  }
}
