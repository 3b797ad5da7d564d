package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.swarm.ConnectionWatcher;
import io.atoll.p2p.transport.Connection;

/// Told what happens on a host. It returns at once: what takes time it does on a thread of its own.
public interface HostWatcher extends ConnectionWatcher {
  @Override
  default void opened(Connection connection) {}

  @Override
  default void closed(Connection connection) {}

  /// A peer said what it is, asked or by itself; of a push only the fields that it sent are there.
  default void identified(PeerId peer, Identified said) {}
}
