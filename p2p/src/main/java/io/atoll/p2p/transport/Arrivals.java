package io.atoll.p2p.transport;

import java.net.SocketException;
import java.util.concurrent.LinkedBlockingQueue;

/// Connections that a listener has, and nobody has accepted yet.
public final class Arrivals {
  private sealed interface Arrival {}

  private record Arrived(Connection connection) implements Arrival {}

  private record Closed() implements Arrival {}

  private final LinkedBlockingQueue<Arrival> queue = new LinkedBlockingQueue<>();
  private boolean closed; // under the lock of this object

  /// False once this is closed: then the connection stays the caller's, to close.
  public synchronized boolean add(Connection connection) {
    return !closed && queue.add(new Arrived(connection));
  }

  /// What `Listener.accept` promises.
  public Connection take() throws SocketException, InterruptedException {
    return switch (queue.take()) {
      case Arrived(Connection connection) -> connection;
      case Closed end -> {
        queue.add(end);
        throw new SocketException("the listener is closed");
      }
    };
  }

  /// Closes what nobody has accepted; whoever waits in `take` is told.
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    while (queue.poll() instanceof Arrived(Connection connection)) {
      connection.close();
    }
    queue.add(new Closed());
  }
}
