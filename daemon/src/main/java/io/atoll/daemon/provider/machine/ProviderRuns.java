package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The runs of this provider: accepted, started, stopped, ended. One record for each task, of its
/// newest run; a lower or equal epoch than the known one is never started.
final class ProviderRuns {
  /// Of how many deleted tasks it is remembered that they ran.
  private static final int FORGOTTEN_KEPT = 20_000;

  private final Map<TaskId, ProviderRun> byTask = new HashMap<>();
  private final TreeMap<RunId, ProviderRun> live = new TreeMap<>();

  /// Ended, and the hub has not said that it knows.
  private final TreeSet<RunId> unacked = new TreeSet<>();

  /// Tasks that their hubs deleted, oldest first.
  private final LinkedHashSet<TaskId> forgotten = new LinkedHashSet<>();

  private Resources reserved = Resources.NONE;

  /// Why the owner of the machine needs it now; null = they do not.
  private @Nullable String owner;

  /// Why no new work is taken; null = it is welcome.
  private @Nullable String busy;

  private final ProviderNetworks networks;
  private ProviderConfig config;

  ProviderRuns(ProviderConfig config, ProviderNetworks networks, Collection<RunRecord> records) {
    this.config = config;
    this.networks = networks;
    for (RunRecord record : records) {
      ProviderRun run = new ProviderRun(record);
      byTask.put(run.task(), run);
      if (!run.ended()) {
        live.put(run.id(), run);
        reserved = reserved.plus(run.order.workload().resources());
      } else if (!run.forgotten && run.ackedSeq < run.seq) {
        unacked.add(run.id());
      }
    }
    byTask.values().stream()
        .filter(run -> run.forgotten)
        .sorted(Comparator.comparing(ProviderRuns::end).thenComparing(ProviderRun::task))
        .forEach(run -> forgotten.add(run.task()));
  }

  private static Instant end(ProviderRun run) {
    Instant end = run.endedAt;
    return end == null ? Instant.EPOCH : end;
  }

  void config(ProviderConfig config) {
    this.config = config;
  }

  /// What new work may have; nothing while the owner needs the machine or it is busy enough.
  Resources free() {
    return busy != null || owner != null ? Resources.NONE : config.total().minus(reserved);
  }

  void busy(@Nullable String reason) {
    busy = reason;
  }

  Collection<ProviderRun> live() {
    return List.copyOf(live.values());
  }

  List<ProviderRun> unacked(PeerId hub) {
    return unacked.stream()
        .map(id -> byTask.get(id.task()))
        .filter(run -> run != null && run.hub.equals(hub))
        .toList();
  }

  @Nullable ProviderRun get(TaskId task) {
    return byTask.get(task);
  }

  Collection<ProviderRun> all() {
    return List.copyOf(byTask.values());
  }

  /// Makes a task what its hub wants of it.
  void settle(Turn turn, HubLink link, TaskId task) {
    ProviderRun run = byTask.get(task);
    Order wanted = link.wanted(task);
    if (run != null && !run.hub.equals(link.hub)) {
      if (wanted != null) {
        refuseForeign(turn, link, wanted);
      }
      return;
    }
    int newer =
        wanted == null ? 0 : run == null ? 1 : wanted.run().epoch().compareTo(run.id().epoch());
    if (run == null) {
      if (wanted != null) {
        accept(turn, link, wanted);
      }
    } else if (wanted == null || newer > 0) {
      if (!run.ended()) {
        stop(turn, run, Exit.Cause.STOPPED, grace(run), "its hub no longer wants the run");
      } else if (wanted != null) {
        accept(turn, link, wanted);
      }
    } else if (newer == 0 && !run.ended()) {
      follow(turn, link, run, wanted);
    } else {
      // It ended here, or a newer one is known here: say so again.
      turn.report(link.hub, run.report(turn.now, true));
    }
  }

  /// Task ids name folders and records, so two hubs cannot have the same.
  private static void refuseForeign(Turn turn, HubLink link, Order wanted) {
    Exit exit = Exit.startFailed("the task id is in use by another hub of this provider");
    turn.report(
        link.hub,
        new RunReport(
            wanted.run(),
            1,
            RunState.EXITED,
            exit.detail(),
            turn.now.wall(),
            null,
            exit,
            List.of(),
            null));
  }

  private void accept(Turn turn, HubLink link, Order order) {
    ProviderRun run = new ProviderRun(link.hub, order);
    ProviderRun older = byTask.put(run.task(), run);
    if (older != null) {
      unacked.remove(older.id());
      forgotten.remove(older.task());
    }
    if (order.desired() == Desired.STOP) {
      ended(turn, run, new Exit(Exit.Cause.STOPPED, 143, "stopped before it began"));
      return;
    }
    String closed = owner != null ? owner : busy;
    String refusal =
        closed != null
            ? config.name() + " takes no new work: " + closed
            : Admission.refusal(config, link.agreement.terms(), free(), order);
    if (refusal == null) {
      refusal = networks.refusal(order);
    }
    if (refusal != null) {
      ended(turn, run, Exit.startFailed(refusal));
      return;
    }
    live.put(run.id(), run);
    reserved = reserved.plus(order.workload().resources());
    run.seq = 1;
    start(turn, link, run);
  }

  /// An order that was long on its way may be for a run that its hub has given up since.
  private void start(Turn turn, HubLink link, ProviderRun run) {
    if (link.isOver(run.order, turn.now.nanos())) {
      ended(turn, run, Exit.startFailed("not started: its node has no contact with the hub"));
      return;
    }
    run.phase = ProviderRun.Phase.LAUNCHED;
    run.state = RunState.ACCEPTED;
    touch(turn, run);
    turn.put(run);
    turn.act(new ProviderAction.StartRun(run.order));
  }

  /// The hub still wants this very run, perhaps otherwise than before.
  private void follow(Turn turn, HubLink link, ProviderRun run, Order wanted) {
    if (!run.order.equals(wanted)) {
      run.order = wanted;
      turn.put(run);
    }
    switch (desired(wanted)) {
      case STOP -> stop(turn, run, Exit.Cause.STOPPED, grace(run), "stopped");
      case RUN -> {
        if (run.phase == ProviderRun.Phase.IDLE && run.stopping == null) {
          start(turn, link, run);
        } else if (isLaunched(run) && run.state == RunState.SUSPENDED) {
          turn.act(new ProviderAction.ResumeRun(run.id()));
        }
      }
      case SUSPEND -> {
        if (run.phase == ProviderRun.Phase.IDLE && run.stopping == null) {
          start(turn, link, run);
        } else if (isLaunched(run)
            && (run.state == RunState.RUNNING || (run.state == RunState.SUSPENDED && lacks(run)))) {
          turn.act(new ProviderAction.SuspendRun(run.id(), wanted.deep()));
        }
      }
    }
  }

  /// Whether it is still to give its memory back.
  private static boolean lacks(ProviderRun run) {
    return run.order.deep() && !run.deep;
  }

  private static boolean isLaunched(ProviderRun run) {
    return run.phase == ProviderRun.Phase.LAUNCHED && run.stopping == null;
  }

  static Duration grace(ProviderRun run) {
    return Duration.ofSeconds(Math.clamp(run.order.graceSeconds(), 0, 86_400));
  }

  /// Asks a live run to end. A second time only if it is given less grace.
  void stop(Turn turn, ProviderRun run, Exit.Cause cause, Duration grace, String detail) {
    if (run.stopping != null && grace.compareTo(run.grace) >= 0) {
      return;
    }
    if (run.stopping == null) {
      run.stopping = cause;
      run.stopDetail = detail;
      turn.put(run);
    }
    run.grace = grace;
    switch (run.phase) {
      case RECOVERING, ENDED -> {}
      case IDLE -> endUnstarted(turn, run);
      case LAUNCHED -> turn.act(new ProviderAction.StopRun(run.id(), grace, stoppingCause(run)));
    }
  }

  private static Exit.Cause stoppingCause(ProviderRun run) {
    Exit.Cause cause = run.stopping;
    return cause == null ? Exit.Cause.STOPPED : cause;
  }

  private void endUnstarted(Turn turn, ProviderRun run) {
    ended(
        turn,
        run,
        run.order.desired() == Desired.STOP
            ? new Exit(Exit.Cause.STOPPED, 143, "stopped before it began")
            : Exit.startFailed("not started: " + run.stopDetail));
  }

  /// A driver said what became of a run that was journalled before.
  void recovered(
      Turn turn, ProviderRun run, ProviderEvent.Finding finding, @Nullable HubLink link) {
    if (run.phase != ProviderRun.Phase.RECOVERING) {
      return;
    }
    switch (finding) {
      case FOUND -> {
        run.phase = ProviderRun.Phase.LAUNCHED;
        if (run.stopping != null) {
          run.grace = grace(run);
          turn.act(new ProviderAction.StopRun(run.id(), run.grace, stoppingCause(run)));
        }
      }
      case NEVER_STARTED -> {
        run.phase = ProviderRun.Phase.IDLE;
        if (run.stopping != null) {
          endUnstarted(turn, run);
        }
      }
    }
    if (!run.ended() && link != null && link.hasSet()) {
      settle(turn, link, run.task());
    }
  }

  void progress(Turn turn, ProviderEvent.RunnerProgress event) {
    ProviderRun run = live.get(event.run());
    if (run == null || event.state().ended()) {
      return;
    }
    RunState before = run.state;
    boolean news =
        before != event.state()
            || run.deep != event.deep()
            || !run.detail.equals(detail(run, event))
            || !run.endpoints.equals(event.endpoints());
    run.state = event.state();
    run.deep = event.deep();
    run.detail = detail(run, event);
    run.endpoints = event.endpoints();
    if (event.startedAt() != null && run.startedAt == null) {
      run.startedAt = event.startedAt();
      news = true;
    }
    run.clock(turn.now, before);
    if (news) {
      touch(turn, run);
    }
    steer(turn, run);
  }

  private void steer(Turn turn, ProviderRun run) {
    if (!isLaunched(run)) {
      return;
    }
    Desired desired = desired(run.order);
    if (desired == Desired.SUSPEND && run.state == RunState.RUNNING) {
      turn.act(new ProviderAction.SuspendRun(run.id(), run.order.deep()));
    } else if (desired == Desired.RUN && run.state == RunState.SUSPENDED) {
      turn.act(new ProviderAction.ResumeRun(run.id()));
    }
  }

  /// The owner of the machine comes before its guests: while they need it, all pause.
  ///
  /// @param reason why they need it, for people; null = they do not
  void owner(Turn turn, @Nullable String reason) {
    owner = reason;
    live.values().forEach(run -> steer(turn, run));
  }

  private Desired desired(Order order) {
    return owner != null && order.desired() == Desired.RUN ? Desired.SUSPEND : order.desired();
  }

  private String detail(ProviderRun run, ProviderEvent.RunnerProgress event) {
    return owner != null
            && event.state() == RunState.SUSPENDED
            && run.order.desired() == Desired.RUN
        ? "paused by " + config.name() + ": " + owner
        : event.detail();
  }

  void detail(Turn turn, ProviderEvent.RunnerDetail event) {
    ProviderRun run = live.get(event.run());
    if (run != null && !run.detail.equals(event.detail())) {
      run.detail = event.detail();
      touch(turn, run);
    }
  }

  private static void touch(Turn turn, ProviderRun run) {
    if (run.dirtySince == 0) {
      run.dirtySince = turn.now.nanos();
    }
  }

  /// Journals what is new of a run, and tells its hub.
  void flush(Turn turn, ProviderRun run) {
    if (run.dirtySince != 0) {
      run.dirtySince = 0;
      run.seq++;
      turn.put(run);
      turn.report(run.hub, run.report(turn.now, false));
    }
  }

  void exited(Turn turn, ProviderEvent.RunnerExited event, Map<PeerId, HubLink> links) {
    RunId id = event.run();
    ProviderRun run = live.get(id);
    if (run == null) {
      return;
    }
    Instant now = turn.now.wall();
    Instant end = event.endedAt();
    ended(turn, run, told(run, event.exit()), end == null || end.isAfter(now) ? now : end);
    HubLink link = links.get(run.hub);
    if (link == null) {
      drop(turn, run);
    } else if (run.forgotten) {
      bury(turn, run);
      turn.send(link, new ToHub.Known(List.of(run.task()), List.of()));
    } else {
      Order wanted = link.wanted(run.task());
      if (link.hasSet() && wanted != null && wanted.run().compareTo(id) > 0) {
        settle(turn, link, run.task());
      }
    }
  }

  /// An end that this provider asked for is told as such, however the payload took it.
  private static Exit told(ProviderRun run, Exit exit) {
    Exit.Cause asked = run.stopping;
    if (asked == null) {
      return exit;
    }
    return switch (exit.cause()) {
      case EXITED, SIGNALED, STOPPED, TIME_LIMIT ->
          new Exit(asked, exit.code(), exit.detail().isEmpty() ? run.stopDetail : exit.detail());
      case OUT_OF_MEMORY, START_FAILED, LOST -> exit;
    };
  }

  private void ended(Turn turn, ProviderRun run, Exit exit) {
    ended(turn, run, exit, turn.now.wall());
  }

  private void ended(Turn turn, ProviderRun run, Exit exit, Instant at) {
    if (live.remove(run.id()) != null) {
      reserved = reserved.minus(run.order.workload().resources());
    }
    run.state = RunState.EXITED;
    run.phase = ProviderRun.Phase.ENDED;
    run.exit = exit;
    run.detail = exit.detail();
    run.endedAt = at;
    run.endpoints = List.of();
    run.dirtySince = 0;
    run.seq++;
    unacked.add(run.id());
    turn.put(run);
    turn.report(run.hub, run.report(turn.now, false));
  }

  void acked(Turn turn, PeerId hub, RunId id, long seq) {
    ProviderRun run = byTask.get(id.task());
    if (run == null || !run.id().equals(id) || !run.hub.equals(hub)) {
      return;
    }
    run.ackedSeq = Math.max(run.ackedSeq, Math.min(seq, run.seq));
    if (run.ended() && run.ackedSeq == run.seq && unacked.remove(id)) {
      run.slim();
      turn.put(run);
    }
  }

  /// Its hub deleted the task.
  ///
  /// @return whether nothing is left of it
  boolean forget(Turn turn, HubLink link, TaskId task) {
    ProviderRun run = byTask.get(task);
    if (run == null) {
      turn.act(new ProviderAction.DropFolder(task, null));
      return true;
    }
    if (!run.hub.equals(link.hub)) {
      return true;
    }
    if (run.ended() && run.forgotten) {
      return true;
    }
    run.forgotten = true;
    if (!run.ended()) {
      stop(turn, run, Exit.Cause.STOPPED, grace(run), "its task was deleted");
    }
    if (run.ended()) {
      bury(turn, run);
      return true;
    }
    return false;
  }

  /// Leaves of a deleted task only that it ran: a hub whose store is a backup may not know that,
  /// and would have it begin again. The oldest are dropped.
  private void bury(Turn turn, ProviderRun run) {
    run.forgotten = true;
    run.slim();
    unacked.remove(run.id());
    turn.put(run);
    turn.act(new ProviderAction.DropFolder(run.task(), run.order.workload()));
    forgotten.add(run.task());
    while (forgotten.size() > FORGOTTEN_KEPT) {
      TaskId oldest = forgotten.removeFirst();
      byTask.remove(oldest);
      turn.drop(oldest);
    }
  }

  void drop(Turn turn, ProviderRun run) {
    forgotten.remove(run.task());
    byTask.remove(run.task());
    unacked.remove(run.id());
    turn.drop(run.task());
    turn.act(new ProviderAction.DropFolder(run.task(), run.order.workload()));
  }
}
