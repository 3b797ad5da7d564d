package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Role;

/// Who may stay. Asked once for each connection, after the remote has proven its id and before any
/// of its streams is served.
@FunctionalInterface
public interface Gater {
  /// @param role of this node: RESPONDER where the remote dialled
  boolean admits(PeerId remote, Role role, Multiaddr address);

  static Gater everybody() {
    return (_, _, _) -> true;
  }
}
