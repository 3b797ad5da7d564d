package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.util.function.Predicate;

/// A gater that is asked only about addresses that may be dialled at all. Peers that dial this node
/// may come from anywhere.
///
/// @param dialled whether an address is
public record FilteredGater(Gater gater, Predicate<Multiaddr> dialled) implements Gater {
  @Override
  public boolean dials(PeerId remote) {
    return gater.dials(remote);
  }

  @Override
  public boolean dials(PeerId remote, Multiaddr address) {
    return dialled.test(address) && gater.dials(remote, address);
  }

  @Override
  public boolean accepts(Multiaddr address) {
    return gater.accepts(address);
  }

  /// A name may have stood for an address that is not dialled.
  @Override
  public boolean admits(PeerId remote, Role role, Multiaddr address) {
    return (role == Role.RESPONDER || dialled.test(address)) && gater.admits(remote, role, address);
  }

  @Override
  public boolean keeps(Connection connection) {
    return (connection.role() == Role.RESPONDER || dialled.test(connection.remoteAddress()))
        && gater.keeps(connection);
  }
}
