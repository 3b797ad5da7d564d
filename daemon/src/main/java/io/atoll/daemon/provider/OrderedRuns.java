package io.atoll.daemon.provider;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.market.activity.RunState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which hub ordered which run, as the journal has it: what a hub may ask of this node about runs
/// is what it ordered itself.
final class OrderedRuns {
  /// A task's newest run. Its monitor is notified when the run has ended.
  static final class Ordered {
    private final RunId run;
    private final PeerId hub;
    private final Workload workload;
    private volatile RunState state;
    private boolean ended;

    private Ordered(RunRecord record) {
      this.run = record.order().run();
      this.hub = record.hub();
      this.workload = record.order().workload();
      this.state = record.state();
    }

    RunId run() {
      return run;
    }

    Workload workload() {
      return workload;
    }

    /// As it was journalled last.
    RunState state() {
      return state;
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized boolean hasEnded() {
      return ended;
    }

    /// Waits for the end, `millis` at most.
    @SuppressWarnings("WaitNotInLoop") // to wake early only makes the caller look again
    synchronized void awaitEnd(long millis) throws InterruptedException {
      if (!ended) {
        wait(millis);
      }
    }
  }

  private final Map<TaskId, Ordered> byTask = new ConcurrentHashMap<>();

  /// Notes what the journal says of a run.
  void put(RunRecord record) {
    RunId run = record.order().run();
    Ordered noted =
        byTask.compute(
            run.task(),
            (_, older) -> older != null && older.run.equals(run) ? older : replaced(older, record));
    noted.state = record.state();
    if (record.state().ended()) {
      noted.end();
    }
  }

  private static Ordered replaced(@Nullable Ordered older, RunRecord record) {
    if (older != null) {
      older.end();
    }
    return new Ordered(record);
  }

  void drop(TaskId task) {
    Ordered dropped = byTask.remove(task);
    if (dropped != null) {
      dropped.end();
    }
  }

  /// Those that have not ended, by task.
  List<Ordered> open(PeerId hub) {
    return byTask.values().stream()
        .filter(ordered -> ordered.hub.equals(hub) && !ordered.state.ended())
        .sorted(Comparator.comparing(ordered -> ordered.run.task()))
        .toList();
  }

  /// How many of other hubs have not ended.
  int openOfOthers(PeerId hub) {
    return Math.toIntExact(
        byTask.values().stream()
            .filter(ordered -> !ordered.hub.equals(hub) && !ordered.state.ended())
            .count());
  }

  /// The newest run of a task, if this hub ordered it.
  @Nullable Ordered of(TaskId task, PeerId hub) {
    Ordered found = byTask.get(task);
    return found != null && found.hub.equals(hub) ? found : null;
  }
}
