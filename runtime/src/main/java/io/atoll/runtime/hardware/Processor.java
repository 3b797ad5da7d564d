package io.atoll.runtime.hardware;

import java.util.List;

/// The processors of a machine, taken together.
///
/// @param architecture family without width: `x86`, `arm`, `riscv`, …
/// @param bits widths of programs that it executes, ascending: of 32 and 64
/// @param cores physical ones; where the machine says nothing of them, each thread counts as
///     one
/// @param threads logical processors that are online
/// @param model in its maker's words; empty = not known
public record Processor(
    String architecture, List<Integer> bits, int cores, int threads, String model) {
  public Processor {
    bits = List.copyOf(bits);
  }
}
