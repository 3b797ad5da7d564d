package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.peer.PeerStore;
import java.io.IOException;

/// A host on a real network: what the protocols above it (routing, relays, reachability) build on.
public interface NetworkHost extends Host {
  /// What is known of other peers; filled by what they say over connections.
  PeerStore peers();

  /// Asks a connected peer what it is, after whatever was asked before on that connection: others
  /// take one such question at a time.
  Identified identify(PeerId peer) throws IOException, InterruptedException;

  /// From now on.
  void watch(HostWatcher watcher);
}
