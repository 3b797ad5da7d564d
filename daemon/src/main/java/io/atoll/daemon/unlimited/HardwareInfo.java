package io.atoll.daemon.unlimited;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// A provider's machine in the shape, the words and the units of Golem Unlimited.
///
/// @param os Linux, MacOs or Windows; null = another
/// @param cores physical ones
public record HardwareInfo(
    Gpus gpu,
    Ram ram,
    Disk disk,
    @Nullable String os,
    String hostname,
    @JsonProperty("num_cores") int cores) {

  /// How many graphics devices there are of each maker.
  public record Gpus(int amd, int nvidia, int intel, int other) {}

  /// In KiB.
  public record Ram(long free, long used, long total) {}

  /// In bytes, of the file system that holds the runs.
  ///
  /// @param kind HDD, SSD, or an object `{"Unknown": -1}`
  public record Disk(long available, long total, @JsonProperty("disk_type") Object kind) {}
}
