package io.atoll.market.activity;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a provider says of one run.
///
/// @param seq grows with each change of this run on its provider; the hub acknowledges it
/// @param state what is true
/// @param detail what it does now or why it is so, for people; empty where the state says it all
/// @param at the provider's clock
/// @param startedAt when the payload began; null before
/// @param exit how it ended; set exactly if the state is EXITED
/// @param order sent in a hello and in answers to `Ask`, for a hub that does not know the run; else
/// null
/// @param deep it has given its memory back; only with SUSPENDED
public record RunReport(
    RunId run,
    long seq,
    RunState state,
    String detail,
    Instant at,
    @Nullable Instant startedAt,
    @Nullable Exit exit,
    List<Endpoint> endpoints,
    @Nullable Order order,
    boolean deep) {
  public RunReport {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(detail, "detail");
    endpoints = List.copyOf(endpoints);
    if ((state == RunState.EXITED) != (exit != null)) {
      throw new IllegalArgumentException("a run has an exit exactly if it has EXITED");
    }
    deep &= state == RunState.SUSPENDED;
  }

  public RunReport(
      RunId run,
      long seq,
      RunState state,
      String detail,
      Instant at,
      @Nullable Instant startedAt,
      @Nullable Exit exit,
      List<Endpoint> endpoints,
      @Nullable Order order) {
    this(run, seq, state, detail, at, startedAt, exit, endpoints, order, false);
  }
}
