package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.atoll.core.os.Children;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Ends what a run whose supervisor died has left, and gives the machine back what it held. It
/// finds them by the run's spec: control groups, its own uid, and the variable that every payload
/// gets. Safe to do twice.
final class Remains {
  static final String MARK = "ATOLL_RUN";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Remains() {}

  /// @return whether nothing is left
  static boolean end(RunFolder folder, String run) throws IOException, InterruptedException {
    List<Path> groups = groups(folder);
    long until = System.nanoTime() + LIMIT.toNanos();
    Set<Integer> left = find(folder, groups, run);
    while (!left.isEmpty() && System.nanoTime() < until) {
      freeze(groups, "FROZEN");
      for (Path group : groups) {
        write(group.resolve("cgroup.kill"), "1");
      }
      for (int pid : left) {
        Children.signal(pid, Children.SIGKILL);
      }
      freeze(groups, "THAWED"); // a frozen process of version 1 dies when it thaws
      Thread.sleep(5);
      left = find(folder, groups, run);
    }
    removeGroups(folder);
    return left.isEmpty();
  }

  /// Removes the run's control groups, if they are still there and empty.
  static void removeGroups(RunFolder folder) throws InterruptedException {
    for (Path group : groups(folder)) {
      for (int tries = 0; tries < 100 && !remove(group); tries++) {
        Thread.sleep(2);
      }
    }
  }

  private static boolean remove(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException busy) {
      return false;
    }
  }

  private static List<Path> groups(RunFolder folder) {
    return SpecFile.values(folder.path(), "remove").stream().map(Path::of).toList();
  }

  private static Set<Integer> find(RunFolder folder, List<Path> groups, String run)
      throws IOException {
    Set<Integer> found = new HashSet<>();
    for (Path group : groups) {
      try {
        for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
          found.add(Integer.valueOf(pid.strip()));
        }
      } catch (IOException gone) {
        // The group was removed; so it was empty.
      }
    }
    List<String> uid = SpecFile.values(folder.path(), "uid");
    found.addAll(
        uid.isEmpty()
            ? ProcessTable.withVariable(MARK + "=" + run)
            : ProcessTable.ofUser(Integer.parseInt(uid.getFirst())));
    found.remove((int) ProcessHandle.current().pid());
    found.removeIf(pid -> pid <= 1);
    return found;
  }

  private static void freeze(List<Path> groups, String state) {
    for (Path group : groups) {
      write(group.resolve("freezer.state"), state);
    }
  }

  private static void write(Path file, String text) {
    if (Files.exists(file)) {
      try {
        Files.write(file, text.getBytes(US_ASCII));
      } catch (IOException e) {
        // The group went away meanwhile.
      }
    }
  }
}
