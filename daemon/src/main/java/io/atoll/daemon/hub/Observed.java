package io.atoll.daemon.hub;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.market.activity.ToHub;
import io.atoll.p2p.host.PeerWatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// From where nodes are seen to come. Of their own addresses they know those of their machines
/// only, which are no use to others behind a NAT.
final class Observed implements PeerWatch {
  private final Map<PeerId, String> hosts = new ConcurrentHashMap<>();

  /// With the ports of their connections.
  private final Map<PeerId, String> ends = new ConcurrentHashMap<>();

  @Override
  public void connected(PeerId peer, Multiaddr remote, boolean dialled) {
    if (remote.value(Protocol.P2P_CIRCUIT).isEmpty()) {
      remote.value(Protocol.IP4).ifPresent(host -> hosts.put(peer, host));
      String end = hostAndPort(remote);
      if (end != null) {
        ends.put(peer, end);
      }
    }
  }

  /// Host and port of an address; null where it has none.
  static @Nullable String hostAndPort(Multiaddr address) {
    String port = address.value(Protocol.TCP).or(() -> address.value(Protocol.UDP)).orElse(null);
    String v4 = address.value(Protocol.IP4).orElse(null);
    String v6 = address.value(Protocol.IP6).orElse(null);
    return port == null || (v4 == null && v6 == null)
        ? null
        : (v4 == null ? "[" + v6 + "]" : v4) + ":" + port;
  }

  /// Where the newest connection to a peer ends, as `host:port`; null where that is not known,
  /// as behind a relay.
  @Nullable String end(PeerId peer) {
    return ends.get(peer);
  }

  @Override
  public void disconnected(PeerId peer) {
    hosts.remove(peer);
    ends.remove(peer);
  }

  /// The same message, with the addresses at which the node is seen before those that it knows.
  ToHub with(PeerId node, ToHub message) {
    return switch (message) {
      case ToHub.Hello hello ->
          new ToHub.Hello(
              hello.protocol(),
              hello.oldest(),
              hello.offer(),
              hello.bootId(),
              hello.highest(),
              hello.runs(),
              hello.networks(),
              seen(node, hello.addresses()));
      case ToHub.Networks networks ->
          new ToHub.Networks(networks.networks(), seen(node, networks.addresses()));
      case ToHub.Heartbeat _, ToHub.Reports _, ToHub.Known _, ToHub.Egress _ -> message;
    };
  }

  private @Nullable List<String> seen(PeerId node, @Nullable List<String> told) {
    String host = hosts.get(node);
    if (told == null || host == null) {
      return told;
    }
    Set<String> all = new LinkedHashSet<>();
    for (String address : told) {
      all.add(host + address.substring(Math.max(0, address.lastIndexOf(':'))));
    }
    all.addAll(told);
    return new ArrayList<>(all);
  }
}
