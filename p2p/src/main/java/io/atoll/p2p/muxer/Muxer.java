package io.atoll.p2p.muxer;

import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;

/// One muxing protocol.
public interface Muxer {
  /// Its multistream-select name, such as `/yamux/1.0.0`.
  String protocol();

  /// Starts on a channel, which is the muxer's from now on.
  MuxedSession start(Wire channel, Role role);
}
