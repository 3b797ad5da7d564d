package io.atoll.daemon.peers;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.NetworkHost;
import java.net.InetAddress;

/// Where a node listens.
final class Places {
  private Places() {}

  /// Whether anybody else than this machine may come to an address that is bound.
  static boolean isOutside(Multiaddr bound) {
    return switch (bound.parts().getFirst().protocol()) {
      case IP4, IP6 -> !InetAddress.ofLiteral(bound.parts().getFirst().value()).isLoopbackAddress();
      default -> false;
    };
  }

  static boolean listensOutside(NetworkHost host) {
    return host.swarm().listening().stream().anyMatch(Places::isOutside);
  }
}
