package io.atoll.p2p.transport;

import io.atoll.core.multiformat.Multiaddr;
import java.io.IOException;

/// A bound address. PendingHandshakes run beside each other and do not hold up the next one.
public interface Listener extends AutoCloseable {
  /// What was really bound, where port 0 was asked for.
  Multiaddr address();

  /// Whether peers can be told of the address now: one that depends on a relay comes and goes.
  default boolean ready() {
    return true;
  }

  /// Waits for the next connection whose remote has proven its id.
  ///
  /// @throws IOException once the listener is closed
  Connection accept() throws IOException, InterruptedException;

  @Override
  void close();
}
