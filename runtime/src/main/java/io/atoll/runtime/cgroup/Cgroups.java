package io.atoll.runtime.cgroup;

import java.io.IOException;
import java.util.Set;

/// Where one daemon makes the groups of its runs.
public interface Cgroups {
  /// What works here, found out by making a group.
  Set<Controller> controllers();

  /// For people: the version and the folder, or why there is none.
  String where();

  /// Makes the group of a run, with its limits; undone on failure.
  RunGroup make(String name, Limits limits) throws IOException;

  /// The group of that name, whether it is there or not.
  RunGroup at(String name);

  /// The groups that are there.
  Set<String> names();

  /// Processor time that all runs used so far, the ended ones too; -1 if it cannot be told.
  long cpuNanos();

  /// Removes what was made to hold the groups of runs, if none is left in it.
  void remove();
}
