package io.atoll.runtime.resource;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the JVM can tell on systems other than Linux: it cannot tell guests from owner, does not
/// know of batteries, and takes only free memory for available.
final class JvmLoadReader implements LoadReader {
  private final Path disk;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  JvmLoadReader(Path disk) {
    this.disk = disk;
  }

  @Override
  public Load read() throws IOException {
    double busy = Math.clamp(system.getCpuLoad(), 0, 1);
    FileStore store = Files.getFileStore(disk);
    return new Load(
        busy,
        -1,
        system.getTotalMemorySize(),
        system.getFreeMemorySize(),
        store.getTotalSpace(),
        store.getUsableSpace(),
        Load.Power.UNKNOWN);
  }
}
