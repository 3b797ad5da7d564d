package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Version 2: one tree, one folder per run.
final class V2Cgroups implements Cgroups {
  private static final long PERIOD_MICROS = 100_000;

  private final Path base;
  private final Set<Controller> controllers;

  V2Cgroups(Path base, Set<Controller> controllers) {
    this.base = base;
    this.controllers = EnumSet.copyOf(controllers);
  }

  @Override
  public Set<Controller> controllers() {
    return EnumSet.copyOf(controllers);
  }

  @Override
  public String where() {
    return "version 2, " + base;
  }

  @Override
  public RunGroup make(String name, Limits limits) throws IOException {
    Group group = at(name);
    Files.createDirectory(group.folder);
    try {
      group.limit(limits);
      return group;
    } catch (IOException e) {
      Files.deleteIfExists(group.folder);
      throw e;
    }
  }

  @Override
  public Group at(String name) {
    return new Group(base.resolve(name), controllers);
  }

  @Override
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    try (var folders = Files.newDirectoryStream(base, Files::isDirectory)) {
      folders.forEach(folder -> names.add(String.valueOf(folder.getFileName())));
    } catch (IOException e) {
      return Set.of(); // it went away; so did what was in it
    }
    return names;
  }

  @Override
  public long cpuNanos() {
    return ControlFile.field(base.resolve("cpu.stat"), "usage_usec", 1000);
  }

  @Override
  public void remove() {
    ControlFile.removeGroup(base);
  }

  static final class Group implements RunGroup {
    private final Path folder;
    private final Set<Controller> controllers;

    Group(Path folder, Set<Controller> controllers) {
      this.folder = folder;
      this.controllers = controllers;
    }

    void limit(Limits limits) throws IOException {
      if (controllers.contains(Controller.MEMORY) && limits.memory() > 0) {
        ControlFile.write(folder.resolve("memory.max"), String.valueOf(limits.memory()));
        Path swap = folder.resolve("memory.swap.max");
        if (Files.exists(swap)) {
          ControlFile.write(swap, "0");
        }
      }
      if (controllers.contains(Controller.CPU) && limits.cpuMillis() > 0) {
        long quota = Math.max(1000, limits.cpuMillis() * PERIOD_MICROS / 1000);
        ControlFile.write(folder.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      }
      if (controllers.contains(Controller.PIDS) && limits.processes() > 0) {
        ControlFile.write(folder.resolve("pids.max"), String.valueOf(limits.processes()));
      }
    }

    @Override
    public Entry entry() {
      boolean memory = controllers.contains(Controller.MEMORY);
      Path kill = folder.resolve("cgroup.kill");
      return new Entry(
          List.of(),
          folder,
          List.of(folder),
          Files.exists(kill) ? kill : null,
          memory ? folder.resolve("memory.events") : null,
          memory ? folder.resolve("memory.peak") : null,
          folder.resolve("cgroup.freeze"),
          "0");
    }

    @Override
    public boolean freezes() {
      return controllers.contains(Controller.FREEZER);
    }

    @Override
    public boolean frozen() {
      return ControlFile.read(folder.resolve("cgroup.freeze")).equals("1");
    }

    @Override
    public void freeze() throws IOException, InterruptedException {
      ControlFile.write(folder.resolve("cgroup.freeze"), "1");
      ControlFile.await(folder.resolve("cgroup.events"), "frozen 1");
    }

    @Override
    public void thaw() throws IOException {
      ControlFile.write(folder.resolve("cgroup.freeze"), "0");
    }

    @Override
    public long cpuNanos() {
      return ControlFile.field(folder.resolve("cpu.stat"), "usage_usec", 1000);
    }

    @Override
    public long memory() {
      return ControlFile.number(folder.resolve("memory.current"), 1);
    }

    @Override
    public long memoryPeak() {
      return ControlFile.number(folder.resolve("memory.peak"), 1);
    }
  }
}
