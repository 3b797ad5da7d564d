package io.atoll.vpn.relay;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Addresses with a port as text, without names that would have to be asked for.
public final class RelayAddress {
  private static final int LONGEST = 64;

  private RelayAddress() {}

  public static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip.getHostAddress();
    int zone = host.indexOf('%');
    String plain = zone < 0 ? host : host.substring(0, zone);
    return (ip instanceof Inet6Address ? "[" + plain + "]" : plain) + ":" + address.getPort();
  }

  /// @return null for what is none
  public static @Nullable InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() > LONGEST) {
      return null;
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      String host = text.substring(0, colon);
      boolean six = host.startsWith("[") && host.endsWith("]");
      InetAddress ip = InetAddress.ofLiteral(six ? host.substring(1, host.length() - 1) : host);
      boolean usable = port > 0 && port < 65_536 && !ip.isAnyLocalAddress();
      return usable && !ip.isMulticastAddress() ? new InetSocketAddress(ip, port) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
