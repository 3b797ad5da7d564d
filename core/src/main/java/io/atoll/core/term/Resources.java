package io.atoll.core.term;

/// An amount of a machine: what a task needs, what a node has, what is free.
///
/// @param cpuMillis thousandths of a core
/// @param memory bytes
/// @param disk bytes of writable space
public record Resources(long cpuMillis, long memory, long disk) {
  public static final Resources NONE = new Resources(0, 0, 0);

  public Resources {
    if (cpuMillis < 0 || memory < 0 || disk < 0) {
      throw new IllegalArgumentException("resources are never negative");
    }
  }

  public Resources plus(Resources other) {
    return new Resources(cpuMillis + other.cpuMillis, memory + other.memory, disk + other.disk);
  }

  /// What is left after `other` is taken, never below zero.
  public Resources minus(Resources other) {
    return new Resources(
        Math.max(0, cpuMillis - other.cpuMillis),
        Math.max(0, memory - other.memory),
        Math.max(0, disk - other.disk));
  }

  public boolean fitsIn(Resources available) {
    return cpuMillis <= available.cpuMillis && memory <= available.memory && disk <= available.disk;
  }
}
