package io.atoll.runtime.plugin;

import io.atoll.runtime.driver.DriverException;
import org.jspecify.annotations.Nullable;

/// Which tasks may run by a runtime that is no part of Atoll. Asked before anything of a run is
/// made.
public interface PluginGate {
  /// Everything may.
  PluginGate OPEN = image -> {};

  /// @param image as the task names it; null where it names a program of the machine itself
  /// @throws DriverException DENIED with the reason
  void admit(@Nullable String image) throws DriverException, InterruptedException;
}
