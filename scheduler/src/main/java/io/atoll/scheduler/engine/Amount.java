package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Adjustment.Part;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Task;

/// A signed amount that changes; what is free may be below zero, where a provider shrank.
final class Amount {
  private static final double CORE = 1000;
  private static final double MEMORY_OF_A_CORE = 4.0 * (1L << 30);
  private static final double DISK_OF_A_CORE = 64.0 * (1L << 30);

  long cpu;
  long memory;
  long disk;

  Amount() {}

  Amount(Resources resources) {
    add(resources, 1);
  }

  Amount(Amount other) {
    add(other, 1);
  }

  void add(Resources what, int times) {
    cpu += times * what.cpuMillis();
    memory += times * what.memory();
    disk += times * what.disk();
  }

  void add(Amount what, int times) {
    cpu += times * what.cpu;
    memory += times * what.memory;
    disk += times * what.disk;
  }

  boolean holds(Resources what) {
    return what.cpuMillis() <= cpu && what.memory() <= memory && what.disk() <= disk;
  }

  long of(Part part) {
    return switch (part) {
      case CPU -> cpu;
      case MEMORY -> memory;
      case DISK -> disk;
    };
  }

  boolean isNothing() {
    return cpu <= 0 && memory <= 0 && disk <= 0;
  }

  /// How much it is as one number: cores, where a core is worth 4 GiB of memory or 64 GiB of
  /// disk. What a demand leaves of it is this less the demand's, so one order of providers
  /// serves each demand.
  double size() {
    return cpu / CORE + memory / MEMORY_OF_A_CORE + disk / DISK_OF_A_CORE;
  }

  /// What a task holds in a state: who stands still needs no cpu.
  static Amount held(Task task, State state) {
    Resources all = task.demand().resources();
    Amount amount = new Amount();
    amount.cpu = state == State.RUNNING ? all.cpuMillis() : 0;
    amount.memory = state == State.DEEP ? 0 : all.memory();
    amount.disk = all.disk();
    return amount;
  }

  Resources resources() {
    return new Resources(Math.max(0, cpu), Math.max(0, memory), Math.max(0, disk));
  }
}
