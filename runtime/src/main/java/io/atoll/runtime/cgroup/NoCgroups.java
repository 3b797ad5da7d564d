package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.util.Set;

/// A machine that gives us no control groups.
record NoCgroups(String where) implements Cgroups {

  @Override
  public Set<Controller> controllers() {
    return Set.of();
  }

  @Override
  public RunGroup make(String name, Limits limits) {
    return at(name);
  }

  @Override
  public RunGroup at(String name) {
    return new NoGroup();
  }

  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public long cpuNanos() {
    return -1;
  }

  @Override
  public void remove() {}

  private record NoGroup() implements RunGroup {
    @Override
    public Entry entry() {
      return Entry.NONE;
    }

    @Override
    public boolean freezes() {
      return false;
    }

    @Override
    public boolean frozen() {
      return false;
    }

    @Override
    public void freeze() throws IOException {
      throw new IOException("no control group");
    }

    @Override
    public void thaw() {}

    @Override
    public long cpuNanos() {
      return -1;
    }

    @Override
    public long memory() {
      return -1;
    }

    @Override
    public long memoryPeak() {
      return -1;
    }
  }
}
