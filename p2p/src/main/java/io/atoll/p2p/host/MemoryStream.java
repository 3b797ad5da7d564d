package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.BulkOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// A stream whose two ends are in one process: two bounded rings of bytes.
final class MemoryStream implements Stream {
  private static final int CAPACITY = 256 << 10;

  private final PeerId self;
  private final String protocol;
  private final Ring incoming;
  private final Ring outgoing;

  private MemoryStream(PeerId self, String protocol, Ring incoming, Ring outgoing) {
    this.self = self;
    this.protocol = protocol;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /// Both ends of a new stream of a node to itself.
  static List<MemoryStream> pair(PeerId self, String protocol) {
    Ring there = new Ring();
    Ring back = new Ring();
    return List.of(
        new MemoryStream(self, protocol, back, there),
        new MemoryStream(self, protocol, there, back));
  }

  @Override
  public PeerId remote() {
    return self;
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public InputStream in() {
    return incoming.in;
  }

  @Override
  public OutputStream out() {
    return outgoing.out;
  }

  @Override
  public void reset() {
    incoming.reset();
    outgoing.reset();
  }

  @Override
  public void close() {
    outgoing.end();
    incoming.stopReading();
  }

  /// Bytes on their way from one writer to one reader. Its monitor guards all fields.
  private static final class Ring {
    private final byte[] bytes = new byte[CAPACITY];
    private int start;
    private int length;
    private boolean ended;
    private boolean unread;
    private boolean reset;

    final InputStream in =
        new BulkInput() {
          @Override
          public int read(byte[] into, int offset, int count) throws IOException {
            return take(into, offset, count);
          }

          @Override
          public int available() {
            synchronized (Ring.this) {
              return length;
            }
          }
        };

    final OutputStream out =
        new BulkOutput() {
          @Override
          public void write(byte[] from, int offset, int count) throws IOException {
            put(from, offset, count);
          }

          @Override
          public void close() {
            end();
          }
        };

    private synchronized int take(byte[] into, int offset, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      while (length == 0 && !ended && !reset) {
        await();
      }
      if (reset) {
        throw new IOException("the stream was reset");
      }
      if (length == 0) {
        return -1;
      }
      int taken = Math.min(Math.min(count, length), CAPACITY - start);
      System.arraycopy(bytes, start, into, offset, taken);
      start = (start + taken) % CAPACITY;
      length -= taken;
      notifyAll();
      return taken;
    }

    private synchronized void put(byte[] from, int offset, int count) throws IOException {
      int written = 0;
      while (written < count) {
        while (length == CAPACITY && !reset && !unread && !ended) {
          await();
        }
        if (reset || ended) {
          throw new IOException(reset ? "the stream was reset" : "the stream is closed");
        }
        if (unread) {
          return; // nobody reads any more; a stream over a network discards it just so
        }
        int end = (start + length) % CAPACITY;
        int part = Math.min(Math.min(count - written, CAPACITY - length), CAPACITY - end);
        System.arraycopy(from, offset + written, bytes, end, part);
        length += part;
        written += part;
        notifyAll();
      }
    }

    @SuppressWarnings("WaitNotInLoop") // each caller loops on its own condition
    private void await() throws IOException {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted on a stream", e);
      }
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized void stopReading() {
      unread = true;
      length = 0;
      notifyAll();
    }

    synchronized void reset() {
      reset = true;
      notifyAll();
    }
  }
}
