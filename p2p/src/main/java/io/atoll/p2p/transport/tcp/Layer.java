package io.atoll.p2p.transport.tcp;

import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.util.List;

/// What lies between a socket and the security that is agreed on. Blocking: the caller sets the
/// limit in time, and closes the socket when this throws.
public interface Layer {
  /// What addresses end with that lead through it.
  List<Protocol> suffix();

  /// @param host as it stands in the address that was dialled
  Wire dialled(Wire wire, String host, int port) throws IOException;

  Wire accepted(Wire wire) throws IOException;

  static Layer none() {
    return new Layer() {
      @Override
      public List<Protocol> suffix() {
        return List.of();
      }

      @Override
      public Wire dialled(Wire wire, String host, int port) {
        return wire;
      }

      @Override
      public Wire accepted(Wire wire) {
        return wire;
      }
    };
  }
}
