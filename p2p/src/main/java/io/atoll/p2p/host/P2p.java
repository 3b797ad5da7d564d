package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.peer.PeerStore;
import java.io.IOException;

/// The way in: starts hosts, and asks peers who they are.
public final class P2p {
  private P2p() {}

  /// Starts a host: it listens and serves identify and ping when this returns.
  ///
  /// @throws IOException if an address cannot be bound; nothing is left behind then
  /// @throws IllegalArgumentException if an address is not a multiaddr
  public static NetworkHost start(HostConfig config) throws IOException {
    return start(config, PeerStore.inMemory());
  }

  /// The same, with what is known of peers from before. Who made the store closes it, after the
  /// host.
  public static NetworkHost start(HostConfig config, PeerStore peers) throws IOException {
    LiveHost host = new LiveHost(config, peers);
    try {
      host.listen(config.listen());
    } catch (IOException | IllegalArgumentException e) {
      host.close();
      throw e;
    }
    return host;
  }

  /// What a connected peer says of itself.
  public static Identified identify(Host host, PeerId peer)
      throws IOException, InterruptedException {
    if (host instanceof NetworkHost network) {
      return network.identify(peer);
    }
    throw new IOException("a host without a network asks nobody who it is");
  }
}
