package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import java.util.List;

/// All that decisions depend on. The order of the lists means nothing.
///
/// @param waiting tasks without a place
/// @param held tasks with one
/// @param served when each app was last given a place, by priority
public record Snapshot(
    List<Provider> providers,
    List<Task> waiting,
    List<Held> held,
    List<RoundTrip> roundTrips,
    List<Served> served,
    List<Claim> claims) {
  /// Between two nodes, whichever was asked.
  public record RoundTrip(PeerId one, PeerId other, int millis) {}

  /// A provider that is kept free for a task that waits.
  public record Claim(TaskId task, PeerId provider) {}

  public record Served(String app, int priority, long at) {}

  public Snapshot {
    providers = List.copyOf(providers);
    waiting = List.copyOf(waiting);
    held = List.copyOf(held);
    roundTrips = List.copyOf(roundTrips);
    served = List.copyOf(served);
    claims = List.copyOf(claims);
  }
}
