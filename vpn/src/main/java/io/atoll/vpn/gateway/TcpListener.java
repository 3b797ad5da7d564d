package io.atoll.vpn.gateway;

import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Takes connections to one port.
public final class TcpListener implements AutoCloseable {
  /// Connections that nobody has accepted, and those that are not established.
  private static final int BACKLOG = 1024;

  private final Stack stack;
  private final int port;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<TcpLink> waiting = new ArrayDeque<>();
  private int opening;
  private boolean closed;

  TcpListener(Stack stack, int port) {
    this.stack = stack;
    this.port = port;
  }

  public int port() {
    return port;
  }

  /// Waits for a connection; an interrupt ends that.
  public TcpStream accept() throws ClosedChannelException, InterruptedIOException {
    lock.lock();
    try {
      while (true) {
        TcpLink link = waiting.poll();
        if (link != null) {
          return new TcpStream(link);
        }
        if (closed) {
          throw new ClosedChannelException();
        }
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for a connection to port " + port);
    } finally {
      lock.unlock();
    }
  }

  /// @return whether there is room for one that begins
  boolean begins() {
    lock.lock();
    try {
      if (closed || opening + waiting.size() >= BACKLOG) {
        return false;
      }
      opening++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// One that began is over before it was established.
  void failed() {
    lock.lock();
    try {
      opening--;
    } finally {
      lock.unlock();
    }
  }

  void established(TcpLink link) {
    lock.lock();
    try {
      opening--;
      if (!closed) {
        waiting.add(link);
        changed.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    link.release(true);
  }

  @Override
  public void close() {
    stack.closed(this);
    lock.lock();
    try {
      closed = true;
      waiting.forEach(link -> link.release(true));
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
