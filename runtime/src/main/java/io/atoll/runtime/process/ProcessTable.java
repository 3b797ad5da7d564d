package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.atoll.core.os.Children;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Looks at the machine's processes through /proc, where no control group says which are a run's.
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  private ProcessTable() {}

  /// All that `ancestor` started, at any remove. A supervisor inherits its payload's orphans, so
  /// below it lies the whole payload.
  static Set<Integer> descendants(int ancestor) throws IOException {
    Map<Integer, List<Integer>> children = new HashMap<>();
    for (int pid : all()) {
      String[] stat = stat(pid);
      if (stat.length > 1) {
        children.computeIfAbsent(Integer.valueOf(stat[1]), p -> new ArrayList<>()).add(pid);
      }
    }
    Set<Integer> found = new HashSet<>();
    List<Integer> open = new ArrayList<>(List.of(ancestor));
    while (!open.isEmpty()) {
      for (int child : children.getOrDefault(open.removeLast(), List.of())) {
        if (found.add(child)) {
          open.add(child);
        }
      }
    }
    return found;
  }

  /// Sends a signal to all descendants until no new ones turn up.
  static void signalTree(int ancestor, int signal) throws IOException {
    Set<Integer> done = new HashSet<>();
    for (int round = 0; round < 100; round++) {
      Set<Integer> now = descendants(ancestor);
      now.removeAll(done);
      if (now.isEmpty()) {
        return;
      }
      for (int pid : now) {
        Children.signal(pid, signal);
      }
      done.addAll(now);
    }
  }

  /// Whether there are descendants and all are stopped by a signal.
  static boolean stopped(int ancestor) throws IOException {
    Set<Integer> all = descendants(ancestor);
    for (int pid : all) {
      String[] stat = stat(pid);
      if (stat.length > 0 && !stat[0].equals("T") && !stat[0].equals("Z")) {
        return false;
      }
    }
    return !all.isEmpty();
  }

  static Set<Integer> ofUser(int uid) throws IOException {
    Set<Integer> found = new HashSet<>();
    for (int pid : all()) {
      try {
        for (String line : Files.readAllLines(PROC.resolve(pid + "/status"), ISO_8859_1)) {
          if (line.startsWith("Uid:") && line.split("\\s+")[1].equals(String.valueOf(uid))) {
            found.add(pid);
          }
        }
      } catch (IOException e) {
        // It has ended.
      }
    }
    return found;
  }

  /// Processes that were started with this variable.
  static Set<Integer> withVariable(String variable) throws IOException {
    Set<Integer> found = new HashSet<>();
    for (int pid : all()) {
      try {
        byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/environ"));
        if (("\0" + new String(bytes, ISO_8859_1)).contains("\0" + variable + "\0")) {
          found.add(pid);
        }
      } catch (IOException e) {
        // It has ended, or is not ours.
      }
    }
    return found;
  }

  private static List<Integer> all() throws IOException {
    List<Integer> pids = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      folders.forEach(folder -> pids.add(Integer.valueOf(folder.getFileName().toString())));
    }
    return pids;
  }

  /// State, parent, … of a process; empty if it has ended.
  private static String[] stat(int pid) {
    try {
      String text = Files.readString(PROC.resolve(pid + "/stat"), ISO_8859_1);
      return text.substring(text.lastIndexOf(')') + 2).split(" ");
    } catch (IOException e) {
      return new String[0];
    }
  }
}
