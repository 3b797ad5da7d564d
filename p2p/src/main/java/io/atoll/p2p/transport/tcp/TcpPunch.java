package io.atoll.p2p.transport.tcp;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Dials from a port that this node listens on, so that what NATs let through for the one lets the
/// other in. Both ends do so at the same time: TCP then has one connection and no listener, and the
/// two have agreed before which of them is the initiator.
public final class TcpPunch {
  private static final Duration AGAIN = Duration.ofMillis(50);

  /// Where the peer's listener takes a socket for an ordinary dial, both ends may wait for the
  /// other to speak; and as long as that socket lives, no other can have its two addresses.
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  private TcpPunch() {}

  /// Whether both name an IP address and a TCP port, of the same family.
  public static boolean handles(Multiaddr from, Multiaddr to) {
    return isTcp(from)
        && isTcp(to)
        && from.parts().getFirst().protocol() == to.parts().getFirst().protocol();
  }

  private static boolean isTcp(Multiaddr address) {
    List<Part> parts = address.withoutPeer().parts();
    return parts.size() == 2
        && (parts.get(0).protocol() == Protocol.IP4 || parts.get(0).protocol() == Protocol.IP6)
        && parts.get(1).protocol() == Protocol.TCP;
  }

  /// The port stays this socket's alone for listening: what is allowed after binding lets only
  /// sockets of this user that ask for it share the port.
  static void allowFrom(ServerSocket listening) throws IOException {
    if (listening.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
      listening.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
  }

  /// Tries until it works, the time is over, or it is not needed any more.
  ///
  /// @param from what this node listens on
  /// @param role of this end in what follows, whoever of the two was first
  /// @param needless asked before each try: the peer may have got through meanwhile
  public static Connection dial(
      Upgrader upgrader,
      Multiaddr from,
      Multiaddr to,
      PeerId expected,
      Role role,
      Duration timeout,
      BooleanSupplier needless)
      throws DialException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    IOException last = new ConnectException("it was not tried");
    while (!needless.getAsBoolean()) {
      int millis = (int) ((end - System.nanoTime()) / 1_000_000);
      if (millis <= 0) {
        throw new DialException("no way through to " + to + ": " + last.getMessage(), last);
      }
      Socket socket = new Socket();
      try (var _ = new Deadline(Duration.ofMillis(millis), () -> hangUp(socket))) {
        socket.setReuseAddress(true);
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        socket.bind(socketAddress(from));
        socket.connect(socketAddress(to), millis);
        TcpWire wire = new TcpWire(socket, List.of());
        try (var _ = new Deadline(HANDSHAKE, () -> hangUp(socket))) {
          return upgrader.upgrade(wire, role, expected, wire.local(), wire.remote());
        }
      } catch (IOException e) {
        hangUp(socket);
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while dialling " + to);
        }
        last = e;
      } catch (UnsupportedOperationException e) {
        hangUp(socket);
        throw new DialException("this system does not share ports among sockets", e);
      }
      Thread.sleep(AGAIN);
    }
    throw new DialException("the peer got through by itself");
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // That is what was wanted.
    }
  }

  private static InetSocketAddress socketAddress(Multiaddr address) throws IOException {
    List<Part> parts = address.parts();
    return new InetSocketAddress(
        InetAddress.getByName(parts.get(0).value()), Integer.parseInt(parts.get(1).value()));
  }
}
