package io.atoll.runtime.qemu.build;

/// Is told how a build goes, on the thread that builds.
@FunctionalInterface
public interface BuildProgress {
  /// @param step number of the step, from 1
  /// @param of how many there are
  /// @param what is being done, for people
  void at(int step, int of, String what);
}
