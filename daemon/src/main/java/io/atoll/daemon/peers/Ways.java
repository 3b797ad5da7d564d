package io.atoll.daemon.peers;

import io.atoll.client.api.PeerView;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.peer.KnownPeer;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How a node is connected to its peers, in words.
final class Ways {
  private static final int LAST = -1;

  private final NetworkHost host;
  private final Predicate<Connection> punched;

  Ways(NetworkHost host, Predicate<Connection> punched) {
    this.host = host;
    this.punched = punched;
  }

  /// @param rttMillis null where it was not measured
  PeerView of(PeerId peer, @Nullable Double rttMillis) {
    Optional<KnownPeer> known = host.peers().find(peer);
    List<String> addresses =
        host.peers().addresses(peer).stream().map(Multiaddr::toString).toList();
    String agent = known.map(KnownPeer::agent).orElse("");
    List<String> protocols = known.map(KnownPeer::protocols).orElse(List.of());
    Optional<Connection> found = host.swarm().connection(peer);
    if (found.isEmpty()) {
      return new PeerView(
          peer, false, "NONE", null, null, null, null, null, 0, null, agent, addresses, protocols);
    }
    Connection connection = found.get();
    return new PeerView(
        peer,
        true,
        way(connection),
        transport(connection.remoteAddress()),
        security(connection.security()),
        direction(connection.role()),
        connection.remoteAddress().toString(),
        relay(connection.remoteAddress()),
        connection.streams(),
        rttMillis,
        agent,
        addresses,
        protocols);
  }

  String way(Connection connection) {
    return connection.limited() ? "RELAYED" : punched.test(connection) ? "PUNCHED" : "DIRECT";
  }

  private static String direction(Role role) {
    return switch (role) {
      case INITIATOR -> "OUT";
      case RESPONDER -> "IN";
    };
  }

  /// By what bytes go to the other end, or to the relay.
  static String transport(Multiaddr address) {
    for (Multiaddr.Part part : address.parts()) {
      if (part.protocol() == Protocol.QUIC_V1) {
        return "quic";
      }
      if (part.protocol() == Protocol.WS) {
        return "ws";
      }
      if (part.protocol() == Protocol.P2P_CIRCUIT) {
        break;
      }
    }
    return "tcp";
  }

  static boolean relayed(Multiaddr address) {
    return address.value(Protocol.P2P_CIRCUIT).isPresent();
  }

  /// `/tls/1.0.0` is tls.
  private static @Nullable String security(String protocol) {
    return protocol.isEmpty() ? null : protocol.substring(1).split("/", LAST)[0];
  }

  private static @Nullable PeerId relay(Multiaddr address) {
    return relayed(address) ? address.value(Protocol.P2P).map(PeerId::parse).orElse(null) : null;
  }
}
