package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.List;

/// What a provider's machine is, and what of it is free for tasks, as it was read there.
///
/// @param at when, by the hub's clock
public record MachineView(
    PeerId node,
    String name,
    Instant at,
    CpuView cpu,
    MemView mem,
    StorageView storage,
    OsView os,
    List<GpuView> gpu,
    HostView host) {
  public MachineView {
    gpu = List.copyOf(gpu);
  }
}
