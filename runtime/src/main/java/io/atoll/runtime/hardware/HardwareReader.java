package io.atoll.runtime.hardware;

import io.atoll.core.os.Personality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/// Reads what a machine is. Safe for several threads; a reading takes some milliseconds.
public final class HardwareReader {
  private final Path root;
  private final Path folder;
  private final ProcessorReader processor;
  private final GpuReader gpus;
  private final SystemReader system;
  private final MemoryLimits limits;

  /// @param root of the file system, which a test has elsewhere
  /// @param folder on the disk that counts
  /// @param arch and system as Java calls them
  HardwareReader(Path root, Path folder, String arch, String system, BooleanSupplier takes32Bit) {
    this.root = root;
    this.folder = folder;
    this.processor =
        new ProcessorReader(root, arch, takes32Bit, Runtime.getRuntime().availableProcessors());
    this.gpus = new GpuReader(root);
    this.system = new SystemReader(root, system);
    this.limits = new MemoryLimits(root);
  }

  /// @param folder on the disk that counts
  public static HardwareReader ofThisMachine(Path folder) {
    return new HardwareReader(
        Path.of("/"),
        folder,
        System.getProperty("os.arch", ""),
        System.getProperty("os.name", "") + " " + System.getProperty("os.version", ""),
        Personality::takes32Bit);
  }

  public Hardware read() {
    return new Hardware(
        processor.read(),
        gpus.read(),
        system.name(),
        system.kernel(),
        system.hostname(),
        disk(),
        limits.left());
  }

  /// The kernel knows of each block device whether it turns; a partition asks the disk that it
  /// is on.
  private Hardware.DiskKind disk() {
    long device;
    try {
      device = ((Number) Files.getAttribute(folder, "unix:dev")).longValue();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return Hardware.DiskKind.UNKNOWN;
    }
    return disk(device);
  }

  /// @param device as stat(2) has it, the numbers of both parts split in two (makedev(3))
  Hardware.DiskKind disk(long device) {
    long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    long minor = (device & 0xff) | ((device >>> 12) & 0xffffff00L);
    Path block = KernelText.real(root.resolve("sys/dev/block/" + major + ":" + minor));
    for (Path at = block; at != null; at = at.getParent()) {
      Long turns = KernelText.number(at.resolve("queue/rotational"));
      if (turns != null) {
        return turns == 0 ? Hardware.DiskKind.SSD : Hardware.DiskKind.HDD;
      }
    }
    return Hardware.DiskKind.UNKNOWN;
  }
}
