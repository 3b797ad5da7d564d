package io.atoll.vpn.gateway;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Datagrams to one port of one member, and those that come back. With nothing in it for a while it
/// closes by itself. Datagrams that nobody takes are dropped and counted.
public final class UdpFlow extends Held implements AutoCloseable {
  private static final int MOST_WAITING = 256;
  private static final int MOST_BYTES = 1 << 20;

  private final Stack stack;
  private final Flow flow;
  private final long idle;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // The rest under the lock.
  private final Queue<byte[]> outgoing = new ArrayDeque<>();
  private final Queue<byte[]> incoming = new ArrayDeque<>();
  private int incomingBytes;
  private int limit;
  private long usedAt;
  private long dropped;
  private boolean refused;
  private @Nullable String closed;

  UdpFlow(Stack stack, Flow flow, int limit, Duration idle, long now) {
    this.stack = stack;
    this.flow = flow;
    this.limit = limit;
    this.idle = idle.toNanos();
    this.usedAt = now;
  }

  Flow flow() {
    return flow;
  }

  public InetAddress remoteAddress() {
    return flow.remote().toInet();
  }

  /// The address that the other end sends to: the stack's own, or one outside.
  public InetAddress localAddress() {
    return stack.own(flow).toInet();
  }

  public int remotePort() {
    return flow.remotePort();
  }

  public int localPort() {
    return flow.localPort();
  }

  /// The longest datagram that can be sent now.
  public int limit() {
    lock.lock();
    try {
      return limit;
    } finally {
      lock.unlock();
    }
  }

  /// Whether more may be sent and received.
  public boolean isOpen() {
    lock.lock();
    try {
      return closed == null;
    } finally {
      lock.unlock();
    }
  }

  /// How many datagrams came and found no room.
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /// Sends a datagram; waits if those before it are not sent yet.
  ///
  /// @throws AtollException TOO_LARGE if the way does not carry it
  public void send(byte[] datagram) throws IOException {
    lock.lock();
    try {
      if (datagram.length > limit) {
        throw new AtollException(
            ErrorCode.TOO_LARGE,
            "sending " + datagram.length + " bytes to " + flow + ": the way carries " + limit,
            "send at most " + limit + " bytes in one datagram");
      }
      while (closed == null && outgoing.size() >= MOST_WAITING) {
        changed.await();
      }
      if (closed != null) {
        throw new IOException("sending to " + flow + ": " + closed);
      }
      outgoing.add(datagram.clone());
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
    stack.touch(this);
  }

  private InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("waiting for " + flow);
  }

  /// Waits for a datagram.
  ///
  /// @return null if none came in time
  /// @throws IOException if nobody has the port there (said once), or the flow is closed
  public byte @Nullable [] receive(Duration timeout) throws IOException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (true) {
        byte[] datagram = incoming.poll();
        if (datagram != null) {
          incomingBytes -= datagram.length;
          return datagram;
        }
        if (refused) {
          refused = false;
          throw new IOException("receiving from " + flow + ": nobody has that port there");
        }
        if (closed != null) {
          throw new IOException("receiving from " + flow + ": " + closed);
        }
        if (left <= 0) {
          return null;
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
  }

  // On the stack's thread.

  void arrived(long now, byte[] datagram) {
    lock.lock();
    try {
      usedAt = now;
      if (incoming.size() >= MOST_WAITING || incomingBytes + datagram.length > MOST_BYTES) {
        dropped++;
        return;
      }
      incoming.add(datagram);
      incomingBytes += datagram.length;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void refused() {
    lock.lock();
    try {
      refused = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void tooBig(int newLimit) {
    lock.lock();
    try {
      limit = Math.min(limit, newLimit);
    } finally {
      lock.unlock();
    }
  }

  @Override
  void serve(long now) {
    lock.lock();
    try {
      if (!outgoing.isEmpty()) {
        usedAt = now;
      }
      for (byte[] next = outgoing.poll(); next != null; next = outgoing.poll()) {
        stack.transmit(this, next);
      }
      if (closed == null && now - usedAt >= idle) {
        closed = "nothing was sent or received for " + Duration.ofNanos(idle);
      }
      if (closed != null) {
        stack.ended(this);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  long deadline() {
    lock.lock();
    try {
      return closed == null ? usedAt + idle : Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  void close(String why) {
    lock.lock();
    try {
      closed = closed == null ? why : closed;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    stack.touch(this);
  }

  @Override
  public void close() {
    close("it is closed");
  }
}
