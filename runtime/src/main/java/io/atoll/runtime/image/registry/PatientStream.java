package io.atoll.runtime.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// A body that has to come along: one that brings less than a little in a while is cut off, and
/// reading it fails with `SocketTimeoutException`. The JDK's client bounds the wait for the head
/// only.
final class PatientStream extends FilterInputStream {
  private static final long LITTLE = 1024;

  private final Duration stall;
  private final Thread watcher;
  private volatile long came;
  private volatile boolean cutOff;
  private volatile boolean closed;

  PatientStream(InputStream in, Duration stall) {
    super(in);
    this.stall = stall;
    this.watcher = Thread.ofVirtual().name("registry transfer").start(this::watch);
  }

  private void watch() {
    try {
      long before = -LITTLE;
      while (!closed) {
        if (came - before < LITTLE) {
          cutOff = true;
          in.close();
          return;
        }
        before = came;
        Thread.sleep(stall);
      }
    } catch (InterruptedException | IOException _) {
      // Read to its end, or broken already.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  // One thread reads.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      int read = in.read(into, offset, length);
      if (cutOff) {
        throw stalled();
      }
      came += Math.max(0, read);
      return read;
    } catch (IOException e) {
      throw cutOff ? stalled() : e;
    }
  }

  private SocketTimeoutException stalled() {
    return new SocketTimeoutException("hardly anything came within " + stall.toSeconds() + " s");
  }

  @Override
  public void close() throws IOException {
    closed = true;
    watcher.interrupt();
    in.close();
  }
}
