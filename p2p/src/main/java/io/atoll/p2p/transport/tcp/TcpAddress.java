package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.HostLookup;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Between multiaddrs and socket addresses.
final class TcpAddress {
  private TcpAddress() {}

  /// A host, then `/tcp`, then the suffix, then at most a peer id.
  static boolean handles(Multiaddr address, List<Protocol> suffix) {
    List<Part> parts = address.withoutPeer().parts();
    return parts.size() == 2 + suffix.size()
        && parts.get(1).protocol() == Protocol.TCP
        && parts.stream().skip(2).map(Part::protocol).toList().equals(suffix)
        && HostLookup.isHost(parts.get(0).protocol());
  }

  static int port(Multiaddr address) {
    return Integer.parseInt(address.parts().get(1).value());
  }

  static Multiaddr of(InetSocketAddress socket, List<Protocol> suffix) {
    InetAddress host = socket.getAddress();
    String text = host.getHostAddress();
    int zone = text.indexOf('%');
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part(
            host instanceof Inet4Address ? Protocol.IP4 : Protocol.IP6,
            zone < 0 ? text : text.substring(0, zone)));
    parts.add(new Part(Protocol.TCP, Integer.toString(socket.getPort())));
    suffix.forEach(protocol -> parts.add(new Part(protocol, "")));
    return new Multiaddr(parts);
  }
}
