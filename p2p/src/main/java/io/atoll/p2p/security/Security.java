package io.atoll.p2p.security;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One security protocol.
public interface Security {
  /// Its multistream-select name, such as `/noise`.
  String protocol();

  /// Runs the handshake. Blocking: the caller sets the limit in time, and closes the wire when this
  /// throws.
  ///
  /// @param expected who must be at the other end; null where anybody may be
  /// @param muxers that this end speaks, most wanted first
  SecureChannel secure(Wire wire, Role role, @Nullable PeerId expected, List<String> muxers)
      throws IOException;
}
