package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identified;

/// Hears of peers that come and go. Its methods return at once, and throw nothing.
public interface PeerWatch {
  /// @param remote where the connection leads; a peer may have several connections, of each of
  ///     which it hears
  /// @param dialled whether this node dialled it
  void connected(PeerId peer, Multiaddr remote, boolean dialled);

  /// A peer said what it is, asked on each new connection or by itself; of a push only the fields
  /// that it sent are there.
  default void identified(PeerId peer, Identified said) {}

  /// The last connection to a peer ended.
  void disconnected(PeerId peer);
}
