package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The processor time of the control group that a process of somebody else's making lies in, such
/// as a container's.
///
/// @param file holds it
/// @param version2 whether it is a `cpu.stat`, in microseconds, not a `cpuacct.usage`
public record ProcessorTime(Path file, boolean version2) {
  /// Found by the process's own word, `/proc/PID/cgroup` (cgroups(7)). Empty if it is gone, or lies
  /// in a root group, which holds more than it.
  public static Optional<ProcessorTime> of(long pid) {
    try {
      List<String> groups = Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"));
      for (String line : Files.readAllLines(CgroupFinder.MOUNTS)) {
        String[] mount = line.split(" ");
        if (mount.length < 4) {
          continue;
        }
        boolean second = mount[2].equals("cgroup2");
        if (second || (mount[2].equals("cgroup") && has(mount[3], "cpuacct"))) {
          Optional<ProcessorTime> found =
              at(Path.of(mount[1]), second, CgroupFinder.group(groups, second ? "" : "cpuacct"));
          if (found.isPresent()) {
            return found;
          }
        }
      }
    } catch (IOException e) {
      // It has ended.
    }
    return Optional.empty();
  }

  private static boolean has(String options, String word) {
    return List.of(options.split(",")).contains(word);
  }

  private static Optional<ProcessorTime> at(Path mount, boolean second, Optional<String> group) {
    if (group.isEmpty() || group.get().equals("/") || group.get().contains("..")) {
      return Optional.empty();
    }
    Path folder = mount.resolve(group.get().substring(1));
    ProcessorTime time =
        new ProcessorTime(folder.resolve(second ? "cpu.stat" : "cpuacct.usage"), second);
    return time.nanos() < 0 ? Optional.empty() : Optional.of(time);
  }

  /// Nanoseconds so far; -1 once the group is gone.
  public long nanos() {
    return version2 ? ControlFile.field(file, "usage_usec", 1000) : ControlFile.number(file, 1);
  }
}
