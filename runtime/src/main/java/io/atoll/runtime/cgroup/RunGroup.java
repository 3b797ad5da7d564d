package io.atoll.runtime.cgroup;

import java.io.IOException;

/// The control group of one run. Figures that it cannot tell are -1.
public interface RunGroup {
  Entry entry();

  /// Whether this group can stop the clock of a run.
  boolean freezes();

  boolean frozen();

  /// Stops every process of the group; returns once they stand still.
  void freeze() throws IOException, InterruptedException;

  void thaw() throws IOException;

  long cpuNanos();

  long memory();

  long memoryPeak();
}
