package io.atoll.p2p.transport.quic;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Admission;
import io.atoll.p2p.transport.Arrivals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.HandshakeFailure;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.PendingHandshakes;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

/// Takes the connections of an endpoint. Whoever begins a handshake beyond the limits is dropped at
/// its first packet.
final class QuicListener implements Listener, Door {
  private final Endpoint endpoint;
  private final PendingHandshakes handshakes;
  private final Admission admission;
  private final Runnable onClose;
  private final Arrivals arrivals = new Arrivals();
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Holds the endpoint, which the caller has opened for it.
  QuicListener(Endpoint endpoint, HandshakeLimits limits, Admission admission, Runnable onClose) {
    this.endpoint = endpoint;
    this.handshakes = new PendingHandshakes(limits);
    this.admission = admission;
    this.onClose = onClose;
    endpoint.listen(limits.timeout(), this);
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

  @Override
  public boolean admits(InetSocketAddress remote) {
    if (closed.get() || !admission.accepts(QuicAddress.of(remote))) {
      return false;
    }
    boolean begun = handshakes.begin(remote.getAddress());
    if (!begun) {
      admission.failed(HandshakeFailure.TOO_MANY);
    }
    return begun;
  }

  @Override
  public void proven(QuicConnection connection, InetSocketAddress remote) {
    handshakes.end(remote.getAddress());
    boolean taken =
        admission.admits(connection.remote(), Role.RESPONDER, connection.remoteAddress())
            && arrivals.add(connection);
    if (!taken) {
      connection.abandon();
    }
  }

  @Override
  public void failed(InetSocketAddress remote, HandshakeFailure why) {
    handshakes.end(remote.getAddress());
    admission.failed(why);
  }
}
