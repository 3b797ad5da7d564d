package io.atoll.client.api;

import java.util.List;

/// The processors of a provider's machine.
///
/// @param architecture family without width: `x86`, `arm`, `riscv`, …
/// @param bit widths of programs that it executes
/// @param cores physical ones; where the machine says nothing of them, each thread counts as
///     one
/// @param threads logical processors
public record CpuView(String architecture, List<Integer> bit, int cores, int threads) {
  public CpuView {
    bit = List.copyOf(bit);
  }
}
