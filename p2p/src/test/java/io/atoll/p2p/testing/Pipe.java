package io.atoll.p2p.testing;

import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;

/// Two wires, what is written to one is read from the other. Each direction holds a bounded number
/// of bytes, as a socket does; closing either end ends both.
public final class Pipe {
  private final Direction there;
  private final Direction back;

  public Pipe(int capacity) {
    there = new Direction(capacity);
    back = new Direction(capacity);
  }

  public Wire left() {
    return new End(back, there);
  }

  public Wire right() {
    return new End(there, back);
  }

  private record End(Direction incoming, Direction outgoing) implements Wire {
    @Override
    public InputStream in() {
      return incoming.in;
    }

    @Override
    public OutputStream out() {
      return outgoing.out;
    }

    @Override
    public void close() {
      incoming.close();
      outgoing.close();
    }
  }

  private static final class Direction {
    private final byte[] ring;
    private long written;
    private long read;
    private boolean closed;
    private final InputStream in = new In();
    private final OutputStream out = new Out();

    Direction(int capacity) {
      ring = new byte[capacity];
    }

    synchronized void close() {
      closed = true;
      notifyAll();
    }

    private void await() throws InterruptedIOException {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }

    private synchronized int take(byte[] into, int offset, int length) throws IOException {
      while (read == written && !closed) {
        await();
      }
      int at = (int) (read % ring.length);
      int count = (int) Math.min(Math.min(length, written - read), ring.length - at);
      System.arraycopy(ring, at, into, offset, count);
      read += count;
      notifyAll();
      return count == 0 ? -1 : count;
    }

    private synchronized int put(byte[] from, int offset, int length) throws IOException {
      while (written - read == ring.length && !closed) {
        await();
      }
      if (closed) {
        throw new IOException("pipe closed");
      }
      int at = (int) (written % ring.length);
      int room = (int) Math.min(ring.length - (written - read), ring.length - at);
      int count = Math.min(length, room);
      System.arraycopy(from, offset, ring, at, count);
      written += count;
      notifyAll();
      return count;
    }

    private final class In extends InputStream {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return take(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return length == 0 ? 0 : take(into, offset, length);
      }
    }

    private final class Out extends OutputStream {
      @Override
      public void write(int b) throws IOException {
        put(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
          done += put(from, offset + done, length - done);
        }
      }
    }
  }
}
