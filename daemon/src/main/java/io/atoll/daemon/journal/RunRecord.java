package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One run on this provider: the newest of its task. Kept after its end, so that a lower or equal
/// epoch is never started again; for a while even after the hub said `Forget`, because a hub whose
/// store is a backup may ask for a task that was deleted since.
///
/// @param hub who ordered it
/// @param order as accepted; written before anything is started
/// @param stopping why this provider asked it to end; null if it did not. So an end that it caused
///     is told as such even if the daemon died in between
/// @param seq of its newest state; grows by one with each change
/// @param ackedSeq the highest seq that the hub has committed
/// @param forgotten its hub deleted the task: only that it ran is left
/// @param ranMillis how long it ran before its last suspension
/// @param resumedAt when it was last resumed; null = never
/// @param deep it stands still without memory
public record RunRecord(
    PeerId hub,
    Order order,
    RunState state,
    Exit.@Nullable Cause stopping,
    long seq,
    long ackedSeq,
    String detail,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Exit exit,
    List<Endpoint> endpoints,
    boolean forgotten,
    long ranMillis,
    @Nullable Instant resumedAt,
    boolean deep) {
  public RunRecord {
    endpoints = List.copyOf(endpoints);
  }
}
