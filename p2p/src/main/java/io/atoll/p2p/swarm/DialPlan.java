package io.atoll.p2p.swarm;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// In which order the addresses of a peer are tried, and how long each is given before the next one
/// is tried beside it (happy eyeballs, RFC 8305). Pure.
///
/// Near before far, since a try there costs a millisecond; direct before relayed; then QUIC, which
/// has the fewest round trips, TCP, and WebSocket; the two versions of IP in turns, the newer
/// first.
final class DialPlan {
  private static final int DISTANCES = 3;
  private static final int TRANSPORTS = 3;
  private static final Duration NEAR = Duration.ofMillis(30);
  private static final Duration FAR = Duration.ofMillis(250);
  private static final Duration RELAYED = Duration.ofMillis(500);

  /// @param gap how long after the one before it this one is tried, unless that fails first
  record Step(Multiaddr address, Duration gap) {}

  private DialPlan() {}

  static List<Step> of(List<Multiaddr> addresses) {
    List<Multiaddr> order = new ArrayList<>();
    for (int distance = 0; distance < DISTANCES; distance++) {
      for (int transport = 0; transport < TRANSPORTS; transport++) {
        int there = distance;
        int by = transport;
        order.addAll(
            inTurns(
                addresses.stream()
                    .distinct()
                    .filter(each -> distance(each) == there && transport(each) == by)
                    .toList()));
      }
    }
    List<Step> steps = new ArrayList<>();
    for (Multiaddr address : order) {
      steps.add(new Step(address, steps.isEmpty() ? Duration.ZERO : gap(distance(address))));
    }
    return steps;
  }

  private static Duration gap(int distance) {
    return switch (distance) {
      case 0 -> NEAR;
      case 1 -> FAR;
      default -> RELAYED;
    };
  }

  /// 0 near, 1 far, 2 through somebody else.
  private static int distance(Multiaddr address) {
    if (address.parts().stream().anyMatch(part -> part.protocol() == Protocol.P2P_CIRCUIT)) {
      return 2;
    }
    Part host = address.parts().getFirst();
    boolean ip = host.protocol() == Protocol.IP4 || host.protocol() == Protocol.IP6;
    return ip && isNear(host.value()) ? 0 : 1;
  }

  private static boolean isNear(String ip) {
    InetAddress address = InetAddress.ofLiteral(ip);
    byte first = address.getAddress()[0];
    boolean uniqueLocal = address.getAddress().length == 16 && (first & 0xfe) == 0xfc;
    return address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || uniqueLocal;
  }

  private static int transport(Multiaddr address) {
    List<Protocol> protocols = address.parts().stream().map(Part::protocol).toList();
    if (protocols.contains(Protocol.QUIC_V1)) {
      return 0;
    }
    return protocols.contains(Protocol.WS) ? 2 : 1;
  }

  /// Keeps the order within each version.
  private static List<Multiaddr> inTurns(List<Multiaddr> addresses) {
    Deque<Multiaddr> newer = new ArrayDeque<>();
    Deque<Multiaddr> others = new ArrayDeque<>();
    for (Multiaddr address : addresses) {
      boolean ip6 = address.parts().getFirst().protocol() == Protocol.IP6;
      (ip6 ? newer : others).add(address);
    }
    List<Multiaddr> order = new ArrayList<>();
    while (!newer.isEmpty() || !others.isEmpty()) {
      for (Deque<Multiaddr> version : List.of(newer, others)) {
        if (!version.isEmpty()) {
          order.add(version.remove());
        }
      }
    }
    return order;
  }
}
