package io.atoll.runtime.vm;

import io.atoll.runtime.driver.DriverException;
import java.nio.file.Path;

/// Is asked of every machine, before it is prepared, whether its image may run here.
@FunctionalInterface
public interface DiskGate {
  DiskGate OPEN = (_, _) -> {};

  /// @param name as the task calls it
  /// @param disk the image's own
  /// @throws DriverException DENIED with the reason
  void admit(String name, Path disk) throws DriverException, InterruptedException;
}
