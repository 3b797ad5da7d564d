package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds out, by making groups, where this process may have groups. In this order:
///
/// 1. the group that the operator named,
/// 2. the own group, if it is a service of systemd (which then has `Delegate=yes`),
/// 3. the root of the tree,
/// 4. the own group, whatever it is.
///
/// The order prefers places that are the same after a restart of the daemon.
public final class CgroupFinder {
  static final Path MOUNTS = Path.of("/proc/self/mounts");
  private static final Path OWN = Path.of("/proc/self/cgroup");

  private CgroupFinder() {}

  /// @param given group below the root of each tree, such as `atoll.slice`; null = find one
  /// @param instance names this daemon's state; a folder name
  public static Cgroups find(@Nullable String given, String instance) {
    try {
      Map<Controller, Path> bases = version1(given, instance);
      if (!bases.isEmpty()) {
        return new V1Cgroups(bases);
      }
      Cgroups found = version2(given, instance);
      return found != null ? found : new NoCgroups("no control group is writable for us");
    } catch (IOException e) {
      return new NoCgroups("control groups cannot be looked up: " + e.getMessage());
    }
  }

  /// Only version 2, also where version 1 has the controllers.
  public static Cgroups findVersion2(@Nullable String given, String instance) throws IOException {
    Cgroups found = version2(given, instance);
    return found != null ? found : new NoCgroups("no control group of version 2 is writable");
  }

  private static Map<Controller, Path> version1(@Nullable String given, String instance)
      throws IOException {
    Map<String, Path> mounts = new LinkedHashMap<>();
    for (String line : Files.readAllLines(MOUNTS)) {
      String[] words = line.split(" ");
      if (words.length > 3 && words[2].equals("cgroup")) {
        for (String option : words[3].split(",")) {
          mounts.putIfAbsent(option, Path.of(words[1]));
        }
      }
    }
    Map<Controller, String> names = new EnumMap<>(Controller.class);
    names.put(Controller.MEMORY, "memory");
    names.put(Controller.CPU, "cpu");
    names.put(Controller.PIDS, "pids");
    names.put(Controller.FREEZER, "freezer");
    names.put(Controller.ACCOUNTING, "cpuacct");
    Map<Controller, Path> bases = new EnumMap<>(Controller.class);
    for (Map.Entry<Controller, String> entry : names.entrySet()) {
      Path mount = mounts.get(entry.getValue());
      Path base =
          mount == null ? null : base(candidates(mount, own(entry.getValue()), given), instance);
      if (base != null) {
        bases.put(entry.getKey(), base);
      }
    }
    return bases;
  }

  private static @Nullable Cgroups version2(@Nullable String given, String instance)
      throws IOException {
    for (String line : Files.readAllLines(MOUNTS)) {
      String[] words = line.split(" ");
      if (words.length > 3 && words[2].equals("cgroup2")) {
        for (Path parent : candidates(Path.of(words[1]), own(""), given)) {
          Path base = base(List.of(parent), instance);
          if (base != null) {
            return new V2Cgroups(base, enable(parent, base));
          }
        }
      }
    }
    return null;
  }

  private static Set<Path> candidates(Path mount, @Nullable String own, @Nullable String given) {
    Set<Path> all = new LinkedHashSet<>();
    if (given != null) {
      all.add(mount.resolve(given.replaceFirst("^/+", "")));
      return all;
    }
    Path mine = own == null || own.contains("..") ? null : mount.resolve(own.substring(1));
    if (mine != null && own != null && own.endsWith(".service")) {
      all.add(mine);
    }
    all.add(mount);
    if (mine != null) {
      all.add(mine);
    }
    return all;
  }

  private static @Nullable String own(String controller) throws IOException {
    return group(Files.readAllLines(OWN), controller).orElse(null);
  }

  /// The group that a process's `/proc/PID/cgroup` names in the tree of a controller; the empty
  /// name is version 2.
  static Optional<String> group(List<String> lines, String controller) {
    for (String line : lines) {
      String[] words = line.split(":", 3);
      if (words.length == 3 && List.of(words[1].split(",")).contains(controller)) {
        return Optional.of(words[2]);
      }
    }
    return Optional.empty();
  }

  /// `atoll/<instance>` below the first parent where a group can be made.
  private static @Nullable Path base(Iterable<Path> parents, String instance) {
    for (Path parent : parents) {
      Path base = parent.resolve("atoll").resolve(instance);
      try {
        if (!Files.isDirectory(parent)) {
          continue;
        }
        makeFolder(base.getParent());
        makeFolder(base);
        Path trial =
            base.resolve("trial-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        Files.createDirectory(trial);
        Files.delete(trial);
        return base;
      } catch (IOException e) {
        // Not there; the next may do.
      }
    }
    return null;
  }

  private static void makeFolder(@Nullable Path folder) throws IOException {
    try {
      if (folder != null) {
        Files.createDirectory(folder);
      }
    } catch (FileAlreadyExistsException e) {
      // Made before.
    }
  }

  /// Hands the controllers down from `parent` to the groups below `base`.
  private static Set<Controller> enable(Path parent, Path base) {
    List<Path> chain = new ArrayList<>(List.of(parent, parent.resolve("atoll"), base));
    for (Path group : chain) {
      for (String name : List.of("memory", "cpu", "pids")) {
        Path control = group.resolve("cgroup.subtree_control");
        if (ControlFile.read(group.resolve("cgroup.controllers")).contains(name)
            && !ControlFile.tryWrite(control, "+" + name)
            && group.equals(parent)) {
          moveAside(parent);
          ControlFile.tryWrite(control, "+" + name);
        }
      }
    }
    List<String> on = List.of(ControlFile.read(base.resolve("cgroup.subtree_control")).split(" "));
    Set<Controller> works = EnumSet.of(Controller.ACCOUNTING);
    if (on.contains("memory")) {
      works.add(Controller.MEMORY);
    }
    if (on.contains("cpu")) {
      works.add(Controller.CPU);
    }
    if (on.contains("pids")) {
      works.add(Controller.PIDS);
    }
    if (Files.exists(base.resolve("cgroup.freeze"))) {
      works.add(Controller.FREEZER);
    }
    return works;
  }

  /// A group with processes of its own cannot hand controllers down: they go into a leaf. Only for
  /// our own group: what lies in others is not ours to move.
  private static void moveAside(Path group) {
    String self = String.valueOf(ProcessHandle.current().pid());
    if (!Files.exists(group.resolve("cgroup.type"))
        || !List.of(ControlFile.read(group.resolve("cgroup.procs")).split("\n")).contains(self)) {
      return; // the root has no cgroup.type, and no such rule
    }
    Path leaf = group.resolve("daemon");
    try {
      makeFolder(leaf);
    } catch (IOException e) {
      return; // then the controllers stay missing, and the fingerprint says so
    }
    for (String pid : ControlFile.read(group.resolve("cgroup.procs")).split("\n")) {
      if (!pid.isEmpty()) {
        ControlFile.tryWrite(leaf.resolve("cgroup.procs"), pid);
      }
    }
  }
}
