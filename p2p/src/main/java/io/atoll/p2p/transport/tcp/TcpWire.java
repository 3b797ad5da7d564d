package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.List;

/// A connected socket.
final class TcpWire implements Wire {
  private static final int READ_AHEAD = 8 << 10;
  private final Socket socket;
  private final List<Protocol> suffix;
  private final InputStream in;
  private final OutputStream out;

  /// @param suffix what its addresses end with
  TcpWire(Socket socket, List<Protocol> suffix) throws IOException {
    this.socket = socket;
    this.suffix = suffix;
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    this.in = new BufferedInputStream(socket.getInputStream(), READ_AHEAD);
    this.out = socket.getOutputStream();
  }

  Multiaddr local() {
    return TcpAddress.of((InetSocketAddress) socket.getLocalSocketAddress(), suffix);
  }

  Multiaddr remote() {
    return TcpAddress.of((InetSocketAddress) socket.getRemoteSocketAddress(), suffix);
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // Whoever reads or writes has been told, or will be.
    }
  }
}
