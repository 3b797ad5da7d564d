package io.atoll.runtime.driver;

import io.atoll.core.term.Workload;

/// Asked by a driver that cannot say which bytes it is going to run, before it prepares anything.
@FunctionalInterface
public interface BlindGate {
  BlindGate OPEN = workload -> {};

  /// @throws DriverException DENIED where only what is trusted may run
  void admit(Workload workload) throws DriverException;
}
