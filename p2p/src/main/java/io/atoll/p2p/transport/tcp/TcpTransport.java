package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.HostLookup;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.Wire;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// TCP, secured and muxed by an upgrader; with something on top of each socket, where the address
/// says so.
public final class TcpTransport implements Transport {
  private static final int BACKLOG = 1024;
  private final Upgrader upgrader;
  private final HandshakeLimits limits;
  private final Layer layer;

  public TcpTransport(Upgrader upgrader, HandshakeLimits limits) {
    this(upgrader, limits, Layer.none());
  }

  public TcpTransport(Upgrader upgrader, HandshakeLimits limits, Layer layer) {
    this.upgrader = upgrader;
    this.limits = limits;
    this.layer = layer;
  }

  @Override
  public boolean handles(Multiaddr address) {
    return TcpAddress.handles(address, layer.suffix());
  }

  @Override
  public Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException {
    long end = System.nanoTime() + options.timeout().toNanos();
    var sockets = new OneSocket();
    try (var deadline = new Deadline(options.timeout(), sockets::close)) {
      try {
        var target =
            new InetSocketAddress(
                HostLookup.find(address.parts().getFirst(), options.timeout()),
                TcpAddress.port(address));
        Connection connection =
            upgrader.dial(() -> open(sockets, target, address, end), options.expected());
        deadline.close();
        if (deadline.fired()) {
          throw new SocketTimeoutException("out of time");
        }
        return connection;
      } catch (IOException e) {
        sockets.close();
        // An interrupt closes the socket of a virtual thread and leaves the flag standing.
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while dialling " + address);
        }
        if (deadline.fired() || e instanceof SocketTimeoutException) {
          throw new DialException("no answer in " + seconds(options.timeout()), e);
        }
        throw new DialException(reason(e), e);
      }
    }
  }

  private Upgrader.Dialled open(
      OneSocket sockets, InetSocketAddress target, Multiaddr address, long end) throws IOException {
    Socket socket = sockets.next();
    socket.connect(target, millisUntil(end));
    TcpWire wire = new TcpWire(socket, layer.suffix());
    Wire layered = layer.dialled(wire, address.parts().getFirst().value(), target.getPort());
    return new Upgrader.Dialled(layered, wire.local(), wire.remote());
  }

  /// The socket of a dial, of which there is one at a time, and none after the end.
  private static final class OneSocket {
    private @Nullable Socket current;
    private boolean closed;

    synchronized Socket next() throws IOException {
      if (closed) {
        throw new SocketTimeoutException("out of time");
      }
      Socket before = current;
      if (before != null) {
        before.close();
      }
      Socket fresh = new Socket();
      current = fresh;
      return fresh;
    }

    synchronized void close() {
      closed = true;
      Socket last = current;
      try {
        if (last != null) {
          last.close();
        }
      } catch (IOException alreadyGone) {
        // Nothing was promised on it yet.
      }
    }
  }

  @Override
  public Listener listen(Multiaddr address) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(
          new InetSocketAddress(
              HostLookup.find(address.parts().getFirst()), TcpAddress.port(address)),
          BACKLOG);
      TcpPunch.allowFrom(server);
    } catch (IOException e) {
      server.close();
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    return new TcpListener(server, upgrader, limits, layer);
  }

  private static int millisUntil(long end) throws SocketTimeoutException {
    long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (millis <= 0) {
      throw new SocketTimeoutException("out of time");
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
