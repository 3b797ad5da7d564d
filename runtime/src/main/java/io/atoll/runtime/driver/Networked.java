package io.atoll.runtime.driver;

import io.atoll.core.term.NetworkId;

/// An activity whose payload has cards ([ActivitySpec#cards]). Asked after `start`, and after
/// `recover` by a later daemon: what the payload sends meanwhile waits or is lost, as on any wire.
public interface Networked {
  /// This machine's end of a card. Each call gives a new one, for the caller to close.
  ///
  /// @throws DriverException NOT_FOUND if it has no such card, CONFLICT if it has ended
  CardEnd end(NetworkId network) throws DriverException, InterruptedException;
}
