package io.atoll.core.term;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is to be run: said by a user, carried by the hub, executed by a driver.
///
/// @param driver name of the driver, such as `process` or `docker`
/// @param image reference of the image; null where the driver needs none
/// @param command program and arguments; empty = what the image says. Arguments alone for the
///     program of an image that driver `process` runs
/// @param env variables of the payload, and no others of the host
/// @param resources what the payload may use at most; the driver enforces it where the machine lets
/// it
/// @param maxProcesses how many processes and threads the payload may have at once, 1 to 1,000,000
/// @param ports ports to publish on the host
/// @param publishAll publish every port that the image exposes
/// @param isolation how far the payload is kept from the machine
public record Workload(
    String driver,
    @Nullable String image,
    List<String> command,
    Map<String, String> env,
    Resources resources,
    int maxProcesses,
    List<Port> ports,
    boolean publishAll,
    Isolation isolation) {

  /// How far a payload is kept from the machine that runs it.
  public enum Isolation {
    /// Namespaces, seccomp, an unprivileged uid of its own, limits.
    SANDBOX,
    /// No namespaces; limits, uid and supervisor as ever. Only where the operator allows it.
    BARE
  }

  public Workload {
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(resources, "resources");
    Objects.requireNonNull(isolation, "isolation");
    command = List.copyOf(command);
    env = Map.copyOf(env);
    ports = List.copyOf(ports);
    if (maxProcesses < 1 || maxProcesses > 1_000_000) {
      throw new IllegalArgumentException("the limit of processes is 1 to 1,000,000");
    }
  }
}
