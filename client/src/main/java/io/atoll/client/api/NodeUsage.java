package io.atoll.client.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How busy a provider's machine is, as it was read there.
///
/// @param at when, by the hub's clock
/// @param cpu share of all processors that is busy, 0 to 1
/// @param load how many programs wanted a processor in the last 1, 5 and 15 minutes; empty =
///     not known
/// @param uptimeSeconds since the machine's start; null = not known
/// @param power MAINS, BATTERY or UNKNOWN
public record NodeUsage(
    Instant at,
    double cpu,
    List<Double> load,
    UsedView mem,
    UsedView storage,
    @Nullable Long uptimeSeconds,
    String power) {
  public NodeUsage {
    load = List.copyOf(load);
  }
}
