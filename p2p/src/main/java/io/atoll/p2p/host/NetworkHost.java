package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.peer.PeerStore;
import io.atoll.p2p.swarm.Swarm;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.util.List;

/// A host on a real network: what the protocols above it (routing, relays, reachability) build on.
public interface NetworkHost extends Host {
  /// What is known of other peers; filled by what they say over connections.
  PeerStore peers();

  /// Asks a connected peer what it is, after whatever was asked before on that connection: others
  /// take one such question at a time.
  Identified identify(PeerId peer) throws IOException, InterruptedException;

  /// All connections: what they are worth, what they hold, what was refused.
  Swarm swarm();

  /// What it serves now.
  List<String> protocols();

  /// The streams that are open now, oldest first.
  List<OpenStream> streams();

  /// Upgrades wires that do not come from a socket, such as streams through a relay.
  Upgrader upgrader();

  /// Serves a protocol that needs to know the connection. As [#handle] otherwise.
  void handleOn(String protocol, ConnectionHandler handler);

  /// Tells peers, a little later, that something differs of what this host says of itself.
  void selfChanged();

  /// Where it is reached besides what it listens on, such as at a port that a gateway maps; these
  /// take the place of those said before. Peers are told of them as of the others.
  void reachedAlsoAt(List<Multiaddr> addresses);

  @FunctionalInterface
  interface ConnectionHandler {
    void accept(Connection connection, Stream stream) throws IOException, InterruptedException;
  }

  /// From now on.
  void watch(HostWatcher watcher);
}
