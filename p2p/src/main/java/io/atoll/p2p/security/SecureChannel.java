package io.atoll.p2p.security;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.Wire;
import java.util.Optional;

/// A wire with privacy and a proven remote. Not to be read or written by two threads at once.
public interface SecureChannel extends Wire {
  PublicKey remoteKey();

  default PeerId remote() {
    return PeerId.of(remoteKey());
  }

  /// The muxer on which both agreed inside the handshake; empty = negotiate it by multistream.
  Optional<String> muxer();
}
