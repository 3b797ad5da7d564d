package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes sockets on one thread and shakes hands on a thread each. A socket beyond the limits is
/// closed at once.
final class TcpListener implements Listener {
  private static final Logger log = LoggerFactory.getLogger(TcpListener.class);
  private static final long PAUSE_MILLIS = 50;

  private sealed interface Arrival {}

  private record Arrived(Connection connection) implements Arrival {}

  private record Closed() implements Arrival {}

  /// The system keeps the port until a thread that waits in `accept` has left it.
  private static final Duration RELEASE = Duration.ofSeconds(2);

  private final ServerSocket server;
  private final Upgrader upgrader;
  private final HandshakeLimits limits;
  private final Layer layer;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Thread acceptor;

  // Under the lock of this object.
  private final Map<InetAddress, Integer> pendingOf = new HashMap<>();
  private int pending;

  TcpListener(ServerSocket server, Upgrader upgrader, HandshakeLimits limits, Layer layer) {
    this.server = server;
    this.upgrader = upgrader;
    this.limits = limits;
    this.layer = layer;
    this.acceptor = Thread.ofVirtual().name("tcp-accept").start(this::takeSockets);
  }

  @Override
  public Multiaddr address() {
    return TcpAddress.of((InetSocketAddress) server.getLocalSocketAddress(), layer.suffix());
  }

  @Override
  public Connection accept() throws IOException, InterruptedException {
    return switch (arrivals.take()) {
      case Arrived(Connection connection) -> connection;
      case Closed closed -> {
        arrivals.add(closed);
        throw new SocketException("the listener is closed");
      }
    };
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
        } else if (admit(host)) {
          Thread.ofVirtual().name("tcp-handshake").start(() -> shakeHands(socket, host));
        } else {
          log.debug("too many handshakes at once: hung up on {}", host);
          socket.close();
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          log.debug("cannot take a socket", e);
          pause();
        }
      }
    }
    Arrival left = arrivals.poll();
    while (left instanceof Arrived(Connection connection)) {
      connection.close();
      left = arrivals.poll();
    }
    arrivals.add(new Closed());
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
    try (var deadline = new Deadline(limits.timeout(), () -> hangUp(socket))) {
      TcpWire wire = new TcpWire(socket, layer.suffix());
      Connection connection =
          upgrader.upgrade(layer.accepted(wire), Role.RESPONDER, null, wire.local(), wire.remote());
      if (server.isClosed()) {
        connection.close();
      } else {
        arrivals.add(new Arrived(connection));
      }
    } catch (IOException | RuntimeException e) {
      log.debug("handshake with {} failed: {}", host, e.toString());
      hangUp(socket);
    } finally {
      release(host);
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // That is what was wanted.
    }
  }

  private synchronized boolean admit(InetAddress host) {
    int ofHost = pendingOf.getOrDefault(host, 0);
    if (pending >= limits.pending() || ofHost >= limits.pendingPerHost()) {
      return false;
    }
    pending++;
    pendingOf.put(host, ofHost + 1);
    return true;
  }

  private synchronized void release(InetAddress host) {
    pending--;
    pendingOf.computeIfPresent(host, (_, count) -> count == 1 ? null : count - 1);
  }
}
