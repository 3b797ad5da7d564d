package io.atoll.client.gate;

import java.net.InetSocketAddress;

/// An address and a port as people write them.
final class AddressText {
  private AddressText() {}

  static String of(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
