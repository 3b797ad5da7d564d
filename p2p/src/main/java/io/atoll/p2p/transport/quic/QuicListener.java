package io.atoll.p2p.transport.quic;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Arrivals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.PendingHandshakes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Takes the connections of an endpoint. Whoever begins a handshake beyond the limits is dropped at
/// its first packet.
final class QuicListener implements Listener {
  private final Endpoint endpoint;
  private final PendingHandshakes handshakes;
  private final Runnable onClose;
  private final Arrivals arrivals = new Arrivals();
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Holds the endpoint, which the caller has opened for it.
  QuicListener(Endpoint endpoint, HandshakeLimits limits, Runnable onClose) {
    this.endpoint = endpoint;
    this.handshakes = new PendingHandshakes(limits);
    this.onClose = onClose;
    endpoint.listen(limits.timeout(), this::admit, this::proven);
  }

  @Override
  public Multiaddr address() {
    return QuicAddress.of(endpoint.address());
  }

  @Override
  public Connection accept() throws IOException, InterruptedException {
    return arrivals.take();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      onClose.run();
      arrivals.close();
      endpoint.release();
    }
  }

  private boolean admit(InetSocketAddress remote) {
    return !closed.get() && handshakes.begin(remote.getAddress());
  }

  private void proven(@Nullable QuicConnection connection, InetSocketAddress remote) {
    handshakes.end(remote.getAddress());
    if (connection != null && !arrivals.add(connection)) {
      connection.abandon();
    }
  }
}
