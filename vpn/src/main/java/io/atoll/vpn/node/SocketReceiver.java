package io.atoll.vpn.node;

import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/// Takes what comes to the socket, on its thread: opens packets, and hands on probes.
final class SocketReceiver implements UdpSocket.Receiver {
  private final UdpSocket socket;
  private final Opening opening;
  private final KnownSenders senders = new KnownSenders();

  private SocketReceiver(UdpSocket socket, Opening opening) {
    this.socket = socket;
    this.opening = opening;
  }

  /// From now on packets of WireGuard, and probes, go there.
  static void handle(UdpSocket socket, Opening opening, PeerPaths paths) {
    SocketReceiver receiver = new SocketReceiver(socket, opening);
    socket.handle(PacketKind.WIREGUARD, receiver);
    socket.handle(
        PacketKind.PATH, (packet, from) -> paths.probe(packet, receiver.senders.of(from)));
  }

  @Override
  public void received(ByteBuffer packet, InetSocketAddress from) {
    opening.open(socket.memory(), packet.position(), packet.remaining(), senders.of(from));
  }

  @Override
  public void batchEnded() {
    opening.end();
  }
}
