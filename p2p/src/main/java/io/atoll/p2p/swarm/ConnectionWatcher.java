package io.atoll.p2p.swarm;

import io.atoll.p2p.transport.Connection;

/// Told of every connection that was admitted: `opened` once, then `closed` once. Called on threads
/// that have other work to do: it returns at once.
public interface ConnectionWatcher {
  void opened(Connection connection);

  void closed(Connection connection);
}
