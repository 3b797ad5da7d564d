package io.atoll.runtime.hardware;

import java.nio.file.Path;

/// What the control groups around this process leave it of the machine's memory, as in a
/// container with a limit: `/proc/meminfo` shows the whole machine there. Both versions of
/// control groups.
final class MemoryLimits {
  /// The first version writes the largest whole number of pages for no limit.
  private static final long NONE = 1L << 60;

  private final Path root;

  MemoryLimits(Path root) {
    this.root = root;
  }

  /// Bytes; `Long.MAX_VALUE` = no limit.
  long left() {
    long left = Long.MAX_VALUE;
    for (String line : KernelText.text(root.resolve("proc/self/cgroup")).lines().toList()) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      boolean second = parts[0].equals("0") && parts[1].isEmpty();
      if (second || parts[1].equals("memory")) {
        Path mount = root.resolve(second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
        left = Math.min(left, left(mount, parts[2], second));
      }
    }
    return left;
  }

  /// The least of all groups from its own up. Within a name space its own seems to be the top,
  /// and outside of one its path may lead nowhere: then the top is what can be read.
  private static long left(Path mount, String path, boolean second) {
    long left = Long.MAX_VALUE;
    Path inside = Path.of("/").relativize(Path.of(path.startsWith("/") ? path : "/"));
    Path own = mount.resolve(inside).normalize();
    Path group = own.startsWith(mount) ? own : mount;
    while (group != null && group.startsWith(mount)) {
      left = Math.min(left, ofOne(group, second));
      group = group.getParent();
    }
    return left;
  }

  private static long ofOne(Path group, boolean second) {
    Long limit = KernelText.number(group.resolve(second ? "memory.max" : "memory.limit_in_bytes"));
    Long used =
        KernelText.number(group.resolve(second ? "memory.current" : "memory.usage_in_bytes"));
    if (limit == null || used == null || limit >= NONE) {
      return Long.MAX_VALUE;
    }
    String given = second ? "inactive_file" : "total_inactive_file";
    long held = Math.max(0, used - reclaimable(group.resolve("memory.stat"), given));
    return Math.max(0, limit - held);
  }

  /// What is counted as used, and given back as soon as somebody wants it.
  private static long reclaimable(Path stat, String name) {
    String wanted = name + " ";
    for (String line : KernelText.text(stat).lines().toList()) {
      if (line.startsWith(wanted)) {
        Long bytes = KernelText.number(line.substring(wanted.length()).strip());
        return bytes == null ? 0 : bytes;
      }
    }
    return 0;
  }
}
