package io.atoll.daemon.hub.machine;

import java.time.Duration;

/// The hub's few numbers.
///
/// @param version of the daemon, told to providers
/// @param heartbeat how often a provider says that it lives; SUSPECT after three missed
/// @param lease silence after which a node is LOST
/// @param margin time beyond the lease that a provider has to stop the runs it may not keep; only
///     then are they given up or placed elsewhere
/// @param stall a pause between two steps after which the hub blames itself and judges nobody for
///     one lease
/// @param brakeHold how long runs of nodes that fell silent together are held before they are given
///     up after all
/// @param refuseImpossible whether a task larger than every node that ever joined is refused at
///     once instead of queued
public record HubConfig(
    String version,
    Duration heartbeat,
    Duration lease,
    Duration margin,
    Duration stall,
    Duration brakeHold,
    boolean refuseImpossible) {

  public static HubConfig defaults(String version) {
    return new HubConfig(
        version,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(2),
        Duration.ofMinutes(5),
        true);
  }
}
