package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// TCP, secured and muxed by an upgrader.
public final class TcpTransport implements Transport {
  private static final int BACKLOG = 1024;
  private final Upgrader upgrader;
  private final HandshakeLimits limits;

  public TcpTransport(Upgrader upgrader, HandshakeLimits limits) {
    this.upgrader = upgrader;
    this.limits = limits;
  }

  @Override
  public boolean handles(Multiaddr address) {
    return TcpAddress.handles(address);
  }

  @Override
  public Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException {
    long end = System.nanoTime() + options.timeout().toNanos();
    Socket socket = new Socket();
    try (var deadline = new Deadline(options.timeout(), () -> close(socket))) {
      try {
        socket.connect(resolve(address, options.timeout()), millisUntil(end));
        TcpWire wire = new TcpWire(socket);
        Connection connection =
            upgrader.upgrade(wire, Role.INITIATOR, options.expected(), wire.local(), wire.remote());
        deadline.close();
        if (deadline.fired()) {
          throw new SocketTimeoutException("out of time");
        }
        return connection;
      } catch (IOException e) {
        close(socket);
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

  @Override
  public Listener listen(Multiaddr address) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(TcpAddress.resolve(address), BACKLOG);
      TcpPunch.allowFrom(server);
    } catch (IOException e) {
      server.close();
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    return new TcpListener(server, upgrader, limits);
  }

  /// A name server is asked on a thread of its own, as the question cannot be interrupted.
  private static InetSocketAddress resolve(Multiaddr address, Duration timeout)
      throws IOException, InterruptedException {
    var answer = new CompletableFuture<InetSocketAddress>();
    Thread.ofVirtual()
        .name("resolve")
        .start(
            () -> {
              try {
                answer.complete(TcpAddress.resolve(address.withoutPeer()));
              } catch (UnknownHostException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("unknown host " + address, e.getCause());
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("the name server does not answer");
    }
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

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // Nothing was promised on it yet.
    }
  }
}
