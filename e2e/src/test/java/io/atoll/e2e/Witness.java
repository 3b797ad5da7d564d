package io.atoll.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// What payloads themselves say of their starts, in files that Atoll knows nothing of, and what is
/// left of them on this machine. Nothing here asks Atoll.
final class Witness {
  private final Path folder;

  /// @param folder made anew; every uid may write into it
  Witness(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /// The line of a shell script by which a payload says: (task, epoch, boot id, start time).
  String line() {
    // Each run has a uid of its own: without the umask a second one could not add its line.
    return "(umask 0; echo \"$ATOLL_TASK $ATOLL_EPOCH $(cat /proc/sys/kernel/random/boot_id)"
        + " $(cut -d' ' -f22 /proc/$$/stat)\" >> "
        + folder
        + "/$ATOLL_TASK)\n";
  }

  /// Starts of a task, by epoch.
  TreeMap<String, Integer> starts(String task) throws IOException {
    TreeMap<String, Integer> starts = new TreeMap<>();
    Path file = folder.resolve(task);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        starts.merge(line.split(" ")[1], 1, Integer::sum);
      }
    }
    return starts;
  }

  /// Everything of these tasks that is still on the machine: processes by their environment,
  /// supervisors by their folder, cgroups by their name.
  static List<String> leftovers(Collection<String> tasks, Path data) throws IOException {
    List<String> left = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        String environment = read(process.resolve("environ"));
        int at = environment.indexOf("ATOLL_TASK=");
        if (at >= 0 && tasks.contains(environment.substring(at + 11, at + 24))) {
          left.add(
              "process " + process.getFileName() + " of " + environment.substring(at, at + 24));
        }
      }
    }
    supervisors(data).forEach(one -> left.add("supervisor " + one.pid() + " of " + one.run()));
    Path cgroups = Path.of("/sys/fs/cgroup");
    try (var all = Files.walk(cgroups, 6)) {
      all.filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .filter(name -> name.length() >= 13 && tasks.contains(name.substring(0, 13)))
          .forEach(name -> left.add("cgroup " + name));
    } catch (java.io.UncheckedIOException e) {
      left.addAll(leftovers(tasks, data)); // a cgroup went away while it was listed: look again
    }
    return left;
  }

  /// Mounts, and unix sockets that somebody listens on, with the name of one of these tasks.
  static List<String> mountsAndSockets(Collection<String> tasks) throws IOException {
    List<String> left = new ArrayList<>();
    for (String list : List.of("/proc/self/mounts", "/proc/net/unix")) {
      for (String line : Files.readAllLines(Path.of(list))) {
        if (tasks.stream().anyMatch(line::contains)) {
          left.add(list + ": " + line);
        }
      }
    }
    return left;
  }

  /// Supervisors whose run is below `data`: pid and the run's folder name.
  static List<Supervisor> supervisors(Path data) throws IOException {
    List<Supervisor> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        String[] words = read(process.resolve("cmdline")).split("\0");
        if (words[0].endsWith("atoll-supervisor")) {
          for (String word : words) {
            if (word.startsWith(data.toString())) {
              found.add(
                  new Supervisor(
                      Long.parseLong(process.getFileName().toString()),
                      Path.of(word).getFileName().toString()));
            }
          }
        }
      }
    }
    return found;
  }

  record Supervisor(long pid, String run) {}

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // the process has ended, or is not ours to read
    }
  }
}
