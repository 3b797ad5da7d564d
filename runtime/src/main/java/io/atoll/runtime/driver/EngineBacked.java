package io.atoll.runtime.driver;

import io.atoll.core.term.RunId;
import java.util.Set;

/// A driver whose runs are kept by a program of its own, which may come and go while the daemon
/// runs, and which may hold things that no journal knows.
public interface EngineBacked extends Driver {
  /// Whether the engine answers now. Costs one small request, and leaves nothing behind; how well
  /// it works is for `fingerprint`.
  boolean answers() throws InterruptedException;

  /// Removes what the engine holds for this daemon and what belongs to no run of `known`. To be
  /// called once every run that was journalled has been recovered; runs that this driver has
  /// prepared or found since are known by themselves.
  ///
  /// @return how much was removed
  int removeStrays(Set<RunId> known) throws DriverException, InterruptedException;
}
