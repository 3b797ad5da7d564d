package io.atoll.p2p.swarm;

import io.atoll.p2p.transport.Connection;

/// Hears of connections that come and go. Its methods return at once, and throw nothing.
public interface ConnectionWatch {
  void opened(Connection connection);

  /// @param last whether no other connection to its peer is left
  void closed(Connection connection, boolean last);
}
