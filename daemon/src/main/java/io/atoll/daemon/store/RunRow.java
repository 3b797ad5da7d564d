package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.RunState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run in the store.
///
/// @param state as its provider reported it last; null = placed, and the provider has not answered
/// @param seq of that report
/// @param ended the hub has closed it: it exited, or was given up
/// @param deep it has given its memory back
public record RunRow(
    RunId id,
    PeerId node,
    @Nullable RunState state,
    long seq,
    boolean ended,
    Instant placedAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Exit exit,
    List<Endpoint> endpoints,
    String detail,
    boolean deep) {
  public RunRow {
    endpoints = List.copyOf(endpoints);
  }

  public RunRow(
      RunId id,
      PeerId node,
      @Nullable RunState state,
      long seq,
      boolean ended,
      Instant placedAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable Exit exit,
      List<Endpoint> endpoints,
      String detail) {
    this(id, node, state, seq, ended, placedAt, startedAt, endedAt, exit, endpoints, detail, false);
  }
}
