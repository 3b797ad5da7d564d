package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Arrivals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.PendingHandshakes;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes sockets on one thread and shakes hands on a thread each. A socket beyond the limits is
/// closed at once.
final class TcpListener implements Listener {
  private static final Logger log = LoggerFactory.getLogger(TcpListener.class);
  private static final long PAUSE_MILLIS = 50;

  /// The system keeps the port until a thread that waits in `accept` has left it.
  private static final Duration RELEASE = Duration.ofSeconds(2);

  private final ServerSocket server;
  private final Upgrader upgrader;
  private final HandshakeLimits limits;
  private final Layer layer;
  private final Arrivals arrivals = new Arrivals();
  private final Thread acceptor;
  private final PendingHandshakes handshakes;

  TcpListener(ServerSocket server, Upgrader upgrader, HandshakeLimits limits, Layer layer) {
    this.server = server;
    this.upgrader = upgrader;
    this.limits = limits;
    this.handshakes = new PendingHandshakes(limits);
    this.layer = layer;
    this.acceptor = Thread.ofVirtual().name("tcp-accept").start(this::takeSockets);
  }

  @Override
  public Multiaddr address() {
    return TcpAddress.of((InetSocketAddress) server.getLocalSocketAddress(), layer.suffix());
  }

  @Override
  public Connection accept() throws IOException, InterruptedException {
    return arrivals.take();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException alreadyGone) {
      // The port is free either way.
    }
    try {
      acceptor.join(RELEASE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeSockets() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        InetAddress host = socket.getInetAddress();
        if (!upgrader.accepts(new TcpWire(socket, layer.suffix()).remote())) {
          log.debug("not accepted from {}", host);
          socket.close();
        } else if (handshakes.begin(host)) {
          Thread.ofVirtual().name("tcp-handshake").start(() -> shakeHands(socket, host));
        } else {
          log.debug("too many handshakes at once: hung up on {}", host);
          upgrader.tooMany();
          socket.close();
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          log.debug("cannot take a socket", e);
          pause();
        }
      }
    }
    arrivals.close();
  }

  /// Out of file descriptors, most likely: some time may bring some.
  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void shakeHands(Socket socket, InetAddress host) {
    Deadline deadline = new Deadline(limits.timeout(), () -> hangUp(socket));
    try (deadline) {
      TcpWire wire = new TcpWire(socket, layer.suffix());
      Connection connection =
          upgrader.upgrade(layer.accepted(wire), Role.RESPONDER, null, wire.local(), wire.remote());
      if (!arrivals.add(connection)) {
        connection.close();
      }
    } catch (IOException | RuntimeException e) {
      log.debug("handshake with {} failed: {}", host, e.toString());
      upgrader.failed(e, deadline.fired());
      hangUp(socket);
    } finally {
      handshakes.end(host);
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // That is what was wanted.
    }
  }
}
