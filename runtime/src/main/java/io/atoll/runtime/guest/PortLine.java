package io.atoll.runtime.guest;

import io.atoll.core.exec.ExecLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One line to one session, over the port that it shares with others.
final class PortLine implements ExecLine {
  /// What may wait for its reader. A session has at most two rings of 256 KiB under way.
  static final int MOST = 1 << 20;

  private final int number;
  private final ExecPort port;

  // guarded by this
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int bytes;
  private boolean opened;
  private ExecMessage.@Nullable Why ended;
  private @Nullable IOException broken;

  PortLine(int number, ExecPort port) {
    this.number = number;
    this.port = port;
  }

  int number() {
    return number;
  }

  // ---- told by the port's reader

  synchronized void opened() {
    opened = true;
    notifyAll();
  }

  /// @return false if it is too much
  synchronized boolean said(byte[] data) {
    if (bytes + data.length > MOST) {
      return false;
    }
    waiting.add(data);
    bytes += data.length;
    notifyAll();
    return true;
  }

  /// The end of what the session says; what waits can still be read.
  synchronized void ended(ExecMessage.Why why) {
    ended = why;
    notifyAll();
  }

  synchronized void broken(IOException why) {
    broken = why;
    notifyAll();
  }

  /// Waits until the guest has opened it.
  ///
  /// @return why it did not; null if it did
  synchronized ExecMessage.@Nullable Why awaitOpen(long nanos)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + nanos;
    while (!opened && ended == null && broken == null) {
      long millis = (until - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new IOException("the guest did not answer in time");
      }
      wait(millis);
    }
    if (opened) {
      return null;
    }
    if (broken != null) {
      throw broken;
    }
    return ended;
  }

  private synchronized int take(byte[] into, int at, int length) throws IOException {
    try {
      while (waiting.isEmpty() && ended == null && broken == null) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a guest was listened to", e);
    }
    byte[] first = waiting.poll();
    if (first == null) {
      if (broken != null) {
        throw new IOException(broken.getMessage(), broken);
      }
      return -1;
    }
    int n = Math.min(length, first.length);
    System.arraycopy(first, 0, into, at, n);
    bytes -= n;
    if (n < first.length) {
      waiting.addFirst(Arrays.copyOfRange(first, n, first.length));
    }
    return n;
  }

  // ---- for whoever opened it

  @Override
  public InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, into.length);
        return length == 0 ? 0 : take(into, at, length);
      }
    };
  }

  @Override
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] from, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, from.length);
        synchronized (PortLine.this) {
          if (broken != null || ended != null) {
            throw new IOException("the line into the guest is closed");
          }
        }
        port.data(number, from, at, length);
      }
    };
  }

  @Override
  public void close() {
    broken(new IOException("the line was closed"));
    port.closeLine(number);
  }
}
