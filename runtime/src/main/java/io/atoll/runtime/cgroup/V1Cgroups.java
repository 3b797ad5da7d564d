package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Version 1: one tree per controller, a folder of the run in each.
final class V1Cgroups implements Cgroups {
  private static final long PERIOD_MICROS = 100_000;

  /// Base folder for each controller that works; two may share one.
  private final Map<Controller, Path> bases;

  V1Cgroups(Map<Controller, Path> bases) {
    this.bases = new EnumMap<>(bases);
    Path cpu = bases.get(Controller.CPU);
    if (cpu != null) {
      // All runs together weigh as much as one busy process per core, not as one process.
      String shares = String.valueOf(1024L * Runtime.getRuntime().availableProcessors());
      ControlFile.tryWrite(cpu.resolve("cpu.shares"), shares);
      ControlFile.tryWrite(cpu.resolveSibling("cpu.shares"), shares);
    }
  }

  @Override
  public Set<Controller> controllers() {
    return EnumSet.copyOf(bases.keySet());
  }

  @Override
  public String where() {
    List<Path> trees = List.copyOf(new LinkedHashSet<>(bases.values()));
    String others =
        trees.size() == 1 ? "" : " and the same in " + (trees.size() - 1) + " more trees";
    return "version 1, " + trees.getFirst() + others;
  }

  @Override
  public RunGroup make(String name, Limits limits) throws IOException {
    Group group = at(name);
    try {
      for (Path folder : group.entry().folders()) {
        Files.createDirectory(folder);
      }
      group.limit(limits);
      return group;
    } catch (IOException e) {
      for (Path folder : group.entry().folders()) {
        Files.deleteIfExists(folder);
      }
      throw e;
    }
  }

  @Override
  public Group at(String name) {
    Map<Controller, Path> folders = new EnumMap<>(Controller.class);
    bases.forEach((controller, base) -> folders.put(controller, base.resolve(name)));
    return new Group(folders);
  }

  @Override
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (Path base : bases.values()) {
      try (var folders = Files.newDirectoryStream(base, Files::isDirectory)) {
        folders.forEach(folder -> names.add(String.valueOf(folder.getFileName())));
      } catch (IOException e) {
        // It went away; so did what was in it.
      }
    }
    return names;
  }

  @Override
  public long cpuNanos() {
    Path base = bases.get(Controller.ACCOUNTING);
    return base == null ? -1 : ControlFile.number(base.resolve("cpuacct.usage"), 1);
  }

  @Override
  public void remove() {
    new LinkedHashSet<>(bases.values()).forEach(ControlFile::removeGroup);
  }

  static final class Group implements RunGroup {
    private static final int FREEZE_ATTEMPTS = 30;
    private static final Duration FREEZE_PATIENCE = Duration.ofMillis(400);

    private final Map<Controller, Path> folders;

    Group(Map<Controller, Path> folders) {
      this.folders = folders;
    }

    void limit(Limits limits) throws IOException {
      Path memory = folders.get(Controller.MEMORY);
      if (memory != null && limits.memory() > 0) {
        String bytes = String.valueOf(limits.memory());
        ControlFile.write(memory.resolve("memory.limit_in_bytes"), bytes);
        // Memory and swap together; only some kernels count swap.
        Path both = memory.resolve("memory.memsw.limit_in_bytes");
        if (Files.exists(both)) {
          ControlFile.write(both, bytes);
        }
      }
      Path cpu = folders.get(Controller.CPU);
      if (cpu != null && limits.cpuMillis() > 0) {
        long quota = Math.max(1000, limits.cpuMillis() * PERIOD_MICROS / 1000);
        ControlFile.write(cpu.resolve("cpu.cfs_quota_us"), String.valueOf(quota));
      }
      Path pids = folders.get(Controller.PIDS);
      if (pids != null && limits.processes() > 0) {
        ControlFile.write(pids.resolve("pids.max"), String.valueOf(limits.processes()));
      }
    }

    @Override
    public Entry entry() {
      List<Path> distinct = new ArrayList<>(new LinkedHashSet<>(folders.values()));
      Path memory = folders.get(Controller.MEMORY);
      Path freezer = folders.get(Controller.FREEZER);
      return new Entry(
          distinct.stream().map(folder -> folder.resolve("tasks")).toList(),
          null,
          distinct,
          null,
          memory == null ? null : memory.resolve("memory.oom_control"),
          memory == null ? null : memory.resolve("memory.max_usage_in_bytes"),
          freezer == null ? null : freezer.resolve("freezer.state"),
          "THAWED");
    }

    @Override
    public boolean freezes() {
      return folders.containsKey(Controller.FREEZER);
    }

    @Override
    public boolean frozen() {
      Path freezer = folders.get(Controller.FREEZER);
      return freezer != null && ControlFile.read(freezer.resolve("freezer.state")).startsWith("FR");
    }

    @Override
    public void freeze() throws IOException, InterruptedException {
      Path state = freezerState();
      for (int attempt = 0; attempt < FREEZE_ATTEMPTS; attempt++) {
        ControlFile.write(state, "FROZEN");
        if (ControlFile.says(state, "FROZEN", FREEZE_PATIENCE)) {
          return;
        }
        // One process waits, unfreezable, for another that is frozen already: a parent for the
        // child
        // of its vfork. A moment's thaw lets them part.
        ControlFile.write(state, "THAWED");
        Thread.sleep(attempt + 1L);
      }
      throw new IOException(
          state + " does not say 'FROZEN' after " + FREEZE_ATTEMPTS + " attempts");
    }

    @Override
    public void thaw() throws IOException {
      ControlFile.write(freezerState(), "THAWED");
    }

    private Path freezerState() throws IOException {
      Path freezer = folders.get(Controller.FREEZER);
      if (freezer == null) {
        throw new IOException("no freezer");
      }
      return freezer.resolve("freezer.state");
    }

    @Override
    public long cpuNanos() {
      Path folder = folders.get(Controller.ACCOUNTING);
      return folder == null ? -1 : ControlFile.number(folder.resolve("cpuacct.usage"), 1);
    }

    @Override
    public long memory() {
      Path folder = folders.get(Controller.MEMORY);
      return folder == null ? -1 : ControlFile.number(folder.resolve("memory.usage_in_bytes"), 1);
    }

    @Override
    public long memoryPeak() {
      Path folder = folders.get(Controller.MEMORY);
      return folder == null
          ? -1
          : ControlFile.number(folder.resolve("memory.max_usage_in_bytes"), 1);
    }
  }
}
