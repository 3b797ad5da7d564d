package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Between multiaddrs and socket addresses.
final class TcpAddress {
  private TcpAddress() {}

  /// A host, then `/tcp`, then at most a peer id.
  static boolean handles(Multiaddr address) {
    List<Part> parts = address.withoutPeer().parts();
    return parts.size() == 2
        && parts.get(1).protocol() == Protocol.TCP
        && switch (parts.get(0).protocol()) {
          case IP4, IP6, DNS, DNS4, DNS6 -> true;
          case TCP,
              IP6ZONE,
              IPCIDR,
              DNSADDR,
              UDP,
              WEBRTC_DIRECT,
              WEBRTC,
              P2P_CIRCUIT,
              UNIX,
              P2P,
              TLS,
              SNI,
              NOISE,
              QUIC,
              QUIC_V1,
              WEBTRANSPORT,
              CERTHASH,
              WS,
              WSS,
              HTTP,
              MEMORY ->
              false;
        };
  }

  /// May ask a name server, and wait for it.
  static InetSocketAddress resolve(Multiaddr address) throws UnknownHostException {
    Part host = address.parts().get(0);
    int port = Integer.parseInt(address.parts().get(1).value());
    for (InetAddress candidate : InetAddress.getAllByName(host.value())) {
      boolean fits =
          host.protocol() == Protocol.DNS4
              ? candidate instanceof Inet4Address
              : host.protocol() != Protocol.DNS6 || candidate instanceof Inet6Address;
      if (fits) {
        return new InetSocketAddress(candidate, port);
      }
    }
    throw new UnknownHostException(host.value() + " has no address of that family");
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
            new Part(Protocol.TCP, Integer.toString(socket.getPort()))));
  }
}
