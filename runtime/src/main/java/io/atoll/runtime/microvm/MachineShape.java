package io.atoll.runtime.microvm;

import io.atoll.core.term.Resources;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.QemuProgram;

/// What makes one guest's machine different from another's, the image apart: all that a saved state
/// depends on.
///
/// @param machine QEMU's versioned name
/// @param memory MiB
/// @param cards for networks. A template has as many as its copies: a device that is taken out of a
///     copy, or put in, costs a guest more than its start (it waits for the hot plug's timers), and
///     one that is left there unused would be seen. So a guest without networks is a copy of a
///     template without cards, and begins as fast as if there were no networks at all.
record MachineShape(
    String qemu, String machine, Accelerator accelerator, int cpus, int memory, int cards) {
  /// Less, and a payload that asked for 32 MiB would not get them beside the kernel.
  private static final int LEAST_MEMORY = 112;

  private static final int STEP = 16;
  private static final int MOST_CPUS = 64;

  /// The machine for a task: memory as asked, in steps of 16 MiB, a CPU for each core begun.
  static MachineShape of(QemuProgram qemu, Accelerator accelerator, Resources asked, int cards) {
    long mib = (asked.memory() + (1 << 20) - 1) >> 20;
    long memory = Math.max(LEAST_MEMORY, (mib + STEP - 1) / STEP * STEP);
    long cpus = Math.clamp((asked.cpuMillis() + 999) / 1000, 1, MOST_CPUS);
    return new MachineShape(
        qemu.text(),
        qemu.machine(),
        accelerator,
        (int) cpus,
        (int) Math.min(memory, 1 << 20),
        cards);
  }

  /// A name for files.
  String key() {
    String size = cpus + "cpu-" + memory + "m" + (cards == 0 ? "" : "-" + cards + "net");
    return qemu + "-" + machine + "-" + accelerator.word() + "-" + size;
  }

  long memoryBytes() {
    return (long) memory << 20;
  }

  /// What QEMU itself needs beside the guest's memory, at most.
  long overheadBytes() {
    return (accelerator == Accelerator.TCG ? 256L : 160L) << 20;
  }
}
