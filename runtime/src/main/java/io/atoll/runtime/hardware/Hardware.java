package io.atoll.runtime.hardware;

import java.util.List;

/// What a machine is, as read at one moment.
///
/// @param system name of its distribution or system, with its version
/// @param kernel such as `Linux 6.8.0`
/// @param hostname as it calls itself; empty = not known
/// @param memoryLeft bytes that the control groups around this process leave it;
///     `Long.MAX_VALUE` = they set no limit
public record Hardware(
    Processor processor,
    List<Gpu> gpus,
    String system,
    String kernel,
    String hostname,
    DiskKind disk,
    long memoryLeft) {
  public Hardware {
    gpus = List.copyOf(gpus);
  }

  public enum DiskKind {
    HDD,
    SSD,
    UNKNOWN
  }
}
