package io.atoll.vpn.node;

import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.wireguard.UdpPath;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Opens what comes to the socket, on its thread.
final class SocketReceiver implements UdpSocket.Receiver {
  private final UdpSocket socket;
  private final Opening opening;
  private @Nullable UdpPath last;

  SocketReceiver(UdpSocket socket, Opening opening) {
    this.socket = socket;
    this.opening = opening;
  }

  /// The socket gives the same object for a sender that it remembers.
  @Override
  @SuppressWarnings("ReferenceEquality")
  public void received(ByteBuffer packet, InetSocketAddress from) {
    UdpPath path = last;
    if (path == null || path.address() != from) {
      path = new UdpPath(from);
      last = path;
    }
    opening.open(socket.memory(), packet.position(), packet.remaining(), path);
  }

  @Override
  public void batchEnded() {
    opening.end();
  }
}
