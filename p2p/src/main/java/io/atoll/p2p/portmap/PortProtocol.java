package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.MapOutcome.Mapped;
import java.time.Duration;

/// One way to ask a gateway. Blocking, a few seconds at most; used by one thread at a time.
interface PortProtocol {
  String name();

  /// Asks for a mapping, or to keep it: the same port again renews.
  ///
  /// @param external the port wished for outside
  MapOutcome map(LocalPort port, int external, Duration lifetime) throws InterruptedException;

  /// Takes a mapping back; as nobody could do anything about it, without saying if that failed.
  void unmap(LocalPort port, Mapped mapped) throws InterruptedException;
}
