package io.atoll.runtime.docker;

import io.atoll.runtime.driver.DriverException;
import java.util.List;

/// Whether an image may run on this machine. Asked before a container is made, with what the engine
/// says of the very image that it will be made from.
@FunctionalInterface
public interface ContainerGate {
  ContainerGate OPEN = (_, _, _) -> {};

  /// @param name as the task calls it
  /// @param id digest that the container is made from: of the image's configuration, which names
  ///     every layer, or of its manifest
  /// @param manifests digests of the manifests and indexes that the engine fetched it by, and
  ///     checked; none if it never was at a registry
  /// @throws DriverException DENIED with the reason
  void admit(String name, String id, List<String> manifests)
      throws DriverException, InterruptedException;
}
