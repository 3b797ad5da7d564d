package io.atoll.p2p.host;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/// Turns “every interface” into addresses that somebody else can dial.
final class Interfaces {
  private Interfaces() {}

  /// `0.0.0.0` and `::` become the addresses of this machine's interfaces, loopback last;
  /// link-local ones, which mean nothing elsewhere, are left out.
  static List<Multiaddr> spellOut(List<Multiaddr> bound) {
    SequencedSet<Multiaddr> spelled = new LinkedHashSet<>();
    for (Multiaddr address : bound) {
      Part host = address.parts().getFirst();
      boolean everyIp4 = host.protocol() == Protocol.IP4 && host.value().equals("0.0.0.0");
      boolean everyIp6 = host.protocol() == Protocol.IP6 && host.value().equals("::");
      if (!everyIp4 && !everyIp6) {
        spelled.add(address);
        continue;
      }
      for (InetAddress own : addresses()) {
        // A socket bound to :: takes IPv4 too.
        if (everyIp6 || own instanceof Inet4Address) {
          List<Part> parts = new ArrayList<>(address.parts());
          parts.set(0, part(own));
          spelled.add(new Multiaddr(parts));
        }
      }
    }
    return List.copyOf(spelled);
  }

  private static Part part(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return new Part(
        address instanceof Inet4Address ? Protocol.IP4 : Protocol.IP6,
        zone < 0 ? text : text.substring(0, zone));
  }

  private static List<InetAddress> addresses() {
    List<InetAddress> outside = new ArrayList<>();
    List<InetAddress> loopback = new ArrayList<>();
    try {
      NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLinkLocalAddress())
          .forEach(address -> (address.isLoopbackAddress() ? loopback : outside).add(address));
    } catch (SocketException e) {
      loopback.add(InetAddress.getLoopbackAddress());
    }
    outside.addAll(loopback);
    return outside;
  }
}
