package io.atoll.runtime.cgroup;

/// What a control group can do for a run, whatever the version calls it.
public enum Controller {
  MEMORY,
  CPU,
  PIDS,
  FREEZER,
  /// Tells processor time while a run goes on.
  ACCOUNTING
}
