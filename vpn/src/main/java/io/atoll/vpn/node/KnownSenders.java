package io.atoll.vpn.node;

import io.atoll.vpn.wireguard.UdpPath;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/// The addresses that packets came from lately, as ways: one that is known costs no object. A flood
/// of senders makes it forget, and nothing else. One thread.
final class KnownSenders {
  private static final int MOST = 256;

  private final Map<InetSocketAddress, UdpPath> paths = new HashMap<>();
  private UdpPath last = new UdpPath(new InetSocketAddress(0));

  /// The socket gives the same object for a sender that it remembers.
  @SuppressWarnings("ReferenceEquality")
  UdpPath of(InetSocketAddress from) {
    if (last.address() == from) {
      return last;
    }
    UdpPath known = paths.get(from);
    if (known == null) {
      if (paths.size() == MOST) {
        paths.clear();
      }
      known = new UdpPath(from);
      paths.put(from, known);
    }
    last = known;
    return known;
  }
}
