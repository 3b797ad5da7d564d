package io.atoll.runtime.resource;

/// How much of the machine is in use, at one moment.
///
/// @param cpu share of all processors that was busy since the reading before, 0 to 1
/// @param ownerCpu the part of `cpu` that no guest used, 0 to 1; -1 where it is not known what
///     guests use
/// @param memoryTotal bytes
/// @param memoryAvailable bytes that programs can have without swapping
/// @param diskTotal bytes of the file system that holds the runs
/// @param diskFree bytes of it that this user can have
/// @param power where its power comes from
public record Load(
    double cpu,
    double ownerCpu,
    long memoryTotal,
    long memoryAvailable,
    long diskTotal,
    long diskFree,
    Power power) {

  public enum Power {
    MAINS,
    BATTERY,
    /// No battery is known, as on a server.
    UNKNOWN
  }

  /// Share of the memory that is in use, 0 to 1.
  public double memory() {
    return share(memoryTotal - memoryAvailable, memoryTotal);
  }

  /// Share of the disk that is in use, 0 to 1.
  public double disk() {
    return share(diskTotal - diskFree, diskTotal);
  }

  private static double share(long part, long whole) {
    return whole <= 0 ? 0 : Math.clamp((double) part / whole, 0, 1);
  }
}
