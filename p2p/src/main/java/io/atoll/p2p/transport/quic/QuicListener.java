package io.atoll.p2p.transport.quic;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.tcp.HandshakeLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Takes the connections of an endpoint. Whoever begins a handshake beyond the limits is dropped at
/// its first packet.
final class QuicListener implements Listener {
  private sealed interface Arrival {}

  private record Arrived(Connection connection) implements Arrival {}

  private record Closed() implements Arrival {}

  private final Endpoint endpoint;
  private final HandshakeLimits limits;
  private final Runnable onClose;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

  // Under the lock of this object.
  private final Map<InetAddress, Integer> pendingOf = new HashMap<>();
  private int pending;
  private boolean closed;

  /// Holds the endpoint, which the caller has opened for it.
  QuicListener(Endpoint endpoint, HandshakeLimits limits, Runnable onClose) {
    this.endpoint = endpoint;
    this.limits = limits;
    this.onClose = onClose;
    endpoint.listen(limits.timeout(), this::admit, this::proven);
  }

  @Override
  public Multiaddr address() {
    return QuicAddress.of(endpoint.address());
  }

  @Override
  public Connection accept() throws IOException, InterruptedException {
    return switch (arrivals.take()) {
      case Arrived(Connection connection) -> connection;
      case Closed end -> {
        arrivals.add(end);
        throw new SocketException("the listener is closed");
      }
    };
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    onClose.run();
    for (Arrival left = arrivals.poll(); left instanceof Arrived(var connection); ) {
      connection.close();
      left = arrivals.poll();
    }
    arrivals.add(new Closed());
    endpoint.release();
  }

  private synchronized boolean admit(InetSocketAddress remote) {
    int ofHost = pendingOf.getOrDefault(remote.getAddress(), 0);
    if (closed || pending >= limits.pending() || ofHost >= limits.pendingPerHost()) {
      return false;
    }
    pending++;
    pendingOf.put(remote.getAddress(), ofHost + 1);
    return true;
  }

  private void proven(@Nullable QuicConnection connection, InetSocketAddress remote) {
    boolean late;
    synchronized (this) {
      pending--;
      pendingOf.computeIfPresent(remote.getAddress(), (_, count) -> count == 1 ? null : count - 1);
      late = closed;
      if (!late && connection != null) {
        arrivals.add(new Arrived(connection));
      }
    }
    if (late && connection != null) {
      connection.abandon();
    }
  }
}
