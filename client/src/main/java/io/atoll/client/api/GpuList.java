package io.atoll.client.api;

import java.util.List;

/// The graphics of a provider's machine; none = it has none.
public record GpuList(List<GpuView> gpus) {
  public GpuList {
    gpus = List.copyOf(gpus);
  }
}
