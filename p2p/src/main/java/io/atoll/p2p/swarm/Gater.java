package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;

/// Who may connect. Asked at five moments; each refusal is counted, and what it refuses costs
/// nothing of the later moments. It answers at once.
///
/// ```
/// dialling:  dials(peer) → dials(peer, address) →            admits → keeps
/// dialled:                                        accepts →  admits → keeps
/// ```
@FunctionalInterface
public interface Gater {
  /// Before any address of a peer is dialled.
  default boolean dials(PeerId remote) {
    return true;
  }

  /// Before this one is.
  default boolean dials(PeerId remote, Multiaddr address) {
    return true;
  }

  /// Before a handshake with whoever called from there.
  default boolean accepts(Multiaddr address) {
    return true;
  }

  /// After the remote has proven its id.
  ///
  /// @param role of this node: RESPONDER where the remote dialled
  boolean admits(PeerId remote, Role role, Multiaddr address);

  /// Before any stream of the whole connection is served. Asks again unless it is told otherwise:
  /// not every transport has a moment between proof and streams.
  default boolean keeps(Connection connection) {
    return admits(connection.remote(), connection.role(), connection.remoteAddress());
  }

  static Gater everybody() {
    return (_, _, _) -> true;
  }
}
