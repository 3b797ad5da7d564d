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
/// @param guest who the payload's machine is to be, where the driver makes one of its own
public record Workload(
    String driver,
    @Nullable String image,
    List<String> command,
    Map<String, String> env,
    Resources resources,
    int maxProcesses,
    List<Port> ports,
    boolean publishAll,
    Isolation isolation,
    Guest guest) {

  /// How far a payload is kept from the machine that runs it.
  public enum Isolation {
    /// Namespaces, seccomp, an unprivileged uid of its own, limits.
    SANDBOX,
    /// No namespaces; limits, uid and supervisor as ever. Only where the operator allows it.
    BARE
  }

  /// One whose machine, if any, is nobody in particular.
  public Workload(
      String driver,
      @Nullable String image,
      List<String> command,
      Map<String, String> env,
      Resources resources,
      int maxProcesses,
      List<Port> ports,
      boolean publishAll,
      Isolation isolation) {
    this(
        driver,
        image,
        command,
        env,
        resources,
        maxProcesses,
        ports,
        publishAll,
        isolation,
        Guest.NONE);
  }

  /// @param guest null in what an earlier version wrote
  public Workload(
      String driver,
      @Nullable String image,
      List<String> command,
      Map<String, String> env,
      Resources resources,
      int maxProcesses,
      List<Port> ports,
      boolean publishAll,
      Isolation isolation,
      @Nullable Guest guest) {
    if (maxProcesses < 1 || maxProcesses > 1_000_000) {
      throw new IllegalArgumentException("the limit of processes is 1 to 1,000,000");
    }
    this.driver = Objects.requireNonNull(driver, "driver");
    this.image = image;
    this.command = List.copyOf(command);
    this.env = Map.copyOf(env);
    this.resources = Objects.requireNonNull(resources, "resources");
    this.maxProcesses = maxProcesses;
    this.ports = List.copyOf(ports);
    this.publishAll = publishAll;
    this.isolation = Objects.requireNonNull(isolation, "isolation");
    this.guest = guest == null ? Guest.NONE : guest;
  }

  /// The same with other variables.
  public Workload withEnv(Map<String, String> variables) {
    return new Workload(
        driver,
        image,
        command,
        variables,
        resources,
        maxProcesses,
        ports,
        publishAll,
        isolation,
        guest);
  }
}
