package io.atoll.p2p.transport.quic;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.HostLookup;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// Between multiaddrs and socket addresses.
final class QuicAddress {
  private QuicAddress() {}

  /// A host, `/udp`, `/quic-v1`, then at most a peer id.
  static boolean handles(Multiaddr address) {
    List<Part> parts = address.withoutPeer().parts();
    return parts.size() == 3
        && HostLookup.isHost(parts.get(0).protocol())
        && parts.get(1).protocol() == Protocol.UDP
        && parts.get(2).protocol() == Protocol.QUIC_V1;
  }

  static int port(Multiaddr address) {
    return Integer.parseInt(address.parts().get(1).value());
  }

  static Multiaddr of(InetSocketAddress socket) {
    InetAddress host = socket.getAddress();
    String text = host.getHostAddress();
    int zone = text.indexOf('%');
    return new Multiaddr(
        List.of(
            new Part(
                host instanceof Inet4Address ? Protocol.IP4 : Protocol.IP6,
                zone < 0 ? text : text.substring(0, zone)),
            new Part(Protocol.UDP, Integer.toString(socket.getPort())),
            new Part(Protocol.QUIC_V1, "")));
  }
}
