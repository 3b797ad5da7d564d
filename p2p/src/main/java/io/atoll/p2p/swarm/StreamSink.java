package io.atoll.p2p.swarm;

import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.MuxedStream;

/// What becomes of the streams that peers open. Called on a virtual thread of its own for each.
@FunctionalInterface
public interface StreamSink {
  void accept(Connection connection, MuxedStream stream);
}
