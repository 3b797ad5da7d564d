package io.atoll.daemon;

import io.atoll.core.os.Machine;
import io.atoll.core.term.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;

/// Facts about the machine that the daemon runs on.
final class ThisMachine {
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private ThisMachine() {}

  /// `linux`, `macos` or `windows`.
  static String os() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.contains("mac") ? "macos" : name.contains("win") ? "windows" : name;
  }

  /// `amd64` or `arm64`.
  static String arch() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name.equals("aarch64") ? "arm64" : name.equals("x86_64") ? "amd64" : name;
  }

  /// Names this start of the machine; where the system has no name for it, this start of the
  /// daemon.
  static String bootId() {
    try {
      return Machine.bootId();
    } catch (IOException e) {
      return UUID.randomUUID().toString();
    }
  }

  /// What it shares unless told otherwise: all cores, three quarters of the memory, half of what is
  /// free on the disk of `folder`.
  static Resources share(Path folder) throws IOException {
    return new Resources(
        Runtime.getRuntime().availableProcessors() * 1000L,
        memory() / 4 * 3,
        Files.getFileStore(folder).getUsableSpace() / 2);
  }

  private static long memory() throws IOException {
    if (Files.isReadable(MEMORY)) {
      for (String line : Files.readAllLines(MEMORY)) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    }
    var system =
        (com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }
}
