package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The newest run of a task on this provider: its record, taken apart so that it can change, and
/// what only this daemon's life needs.
final class ProviderRun {
  /// What the runner of a run is up to.
  enum Phase {
    /// Journalled before this daemon started; its driver has not said what became of it.
    RECOVERING,
    /// Nothing was started, and will not be before the hub says that it is still wanted.
    IDLE,
    /// Started; its end will be told.
    LAUNCHED,
    ENDED
  }

  final PeerId hub;
  Order order;
  RunState state;
  Exit.@Nullable Cause stopping;
  long seq;
  long ackedSeq;
  String detail;

  /// It stands still without memory.
  boolean deep;

  @Nullable Instant startedAt;
  @Nullable Instant endedAt;
  @Nullable Exit exit;
  List<Endpoint> endpoints;

  Phase phase;

  /// Why it was asked to end, for people.
  String stopDetail = "";

  /// The shortest grace it was given.
  Duration grace = Duration.ofDays(1);

  /// Its hub deleted the task: drop it once it has ended.
  boolean forgotten;

  /// Since when a change waits to be journalled and told (monotonic); 0 = none does.
  long dirtySince;

  /// How long it ran before its last suspension.
  private long ranBefore;

  /// When it was last resumed; null = never, it has run since it began.
  private @Nullable Instant resumedAt;

  /// Since when this daemon has seen it run (monotonic), 0 = it stands, or has not been seen yet;
  /// and for how long it had run by then since it began or was resumed.
  private long runningSince;

  private long unseen;

  ProviderRun(PeerId hub, Order order) {
    this.hub = hub;
    this.order = order;
    this.state = RunState.ACCEPTED;
    this.detail = "";
    this.endpoints = List.of();
    this.phase = Phase.IDLE;
  }

  ProviderRun(RunRecord record) {
    this.hub = record.hub();
    this.order = record.order();
    this.state = record.state();
    this.stopping = record.stopping();
    this.seq = record.seq();
    this.ackedSeq = record.ackedSeq();
    this.detail = record.detail();
    this.startedAt = record.startedAt();
    this.endedAt = record.endedAt();
    this.exit = record.exit();
    this.endpoints = record.endpoints();
    this.forgotten = record.forgotten();
    this.deep = record.deep();
    this.ranBefore = Duration.ofMillis(Math.max(0, record.ranMillis())).toNanos();
    this.resumedAt = record.resumedAt();
    this.phase = record.state().ended() ? Phase.ENDED : Phase.RECOVERING;
  }

  RunId id() {
    return order.run();
  }

  TaskId task() {
    return order.run().task();
  }

  boolean ended() {
    return state.ended();
  }

  RunRecord record() {
    return new RunRecord(
        hub,
        order,
        state,
        stopping,
        seq,
        ackedSeq,
        detail,
        startedAt,
        endedAt,
        exit,
        endpoints,
        forgotten && ended(),
        Duration.ofNanos(ranBefore).toMillis(),
        resumedAt,
        deep);
  }

  /// @param withOrder for a hub that may not know the run
  RunReport report(Now now, boolean withOrder) {
    Instant ended = endedAt;
    return new RunReport(
        id(),
        seq,
        state,
        detail,
        ended == null ? now.wall() : ended,
        startedAt,
        exit,
        endpoints,
        withOrder ? order : null,
        deep);
  }

  /// Follows its state: the time limit counts while the payload runs. What ran in an earlier life
  /// of the daemon counts by the wall clock.
  ///
  /// @param before its state before this change
  void clock(Now now, RunState before) {
    if (state == RunState.RUNNING && runningSince == 0) {
      runningSince = now.nanos();
      if (before == RunState.SUSPENDED) {
        resumedAt = now.wall();
      } else {
        unseen = ranUnseen(now);
      }
    } else if (state == RunState.SUSPENDED && before != RunState.SUSPENDED) {
      ranBefore = runningSince == 0 ? ranBefore + ranUnseen(now) : ran(now.nanos());
      runningSince = 0;
      unseen = 0;
    }
  }

  private long ranUnseen(Now now) {
    Instant since = resumedAt == null ? startedAt : resumedAt;
    return since == null ? 0 : Math.max(0, Duration.between(since, now.wall()).toNanos());
  }

  /// Whether its payload is seen to run.
  boolean running() {
    return runningSince != 0;
  }

  /// For how long its payload has run.
  long ran(long now) {
    return ranBefore + (runningSince == 0 ? 0 : unseen + now - runningSince);
  }

  /// Once its end is acknowledged, nobody needs more of its order than who and when.
  void slim() {
    Workload workload = order.workload();
    order =
        new Order(
            order.run(),
            new Workload(
                workload.driver(),
                null,
                List.of(),
                Map.of(),
                workload.resources(),
                1,
                List.of(),
                false,
                workload.isolation()),
            Desired.STOP,
            0,
            0,
            0,
            order.authority(),
            "");
    endpoints = List.of();
  }
}
