package io.atoll.runtime.resource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// Reads how much of the machine is in use. One thread at a time; a reading takes well under a
/// millisecond, and its processor figures are those since the reading before.
public interface LoadReader {
  Load read() throws IOException;

  /// The reader for this system.
  ///
  /// @param disk a folder on the file system that counts
  /// @param guestCpuNanos processor time that all guests used so far, never less than before; -1 if
  ///     it is not known
  static LoadReader ofThisMachine(Path disk, LongSupplier guestCpuNanos) {
    Path proc = Path.of("/proc");
    return LinuxLoadReader.works(proc)
        ? new LinuxLoadReader(proc, Path.of("/sys/class/power_supply"), disk, guestCpuNanos)
        : new JvmLoadReader(disk);
  }
}
