package io.atoll.daemon.sim;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.Desired;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Sees everything and believes nobody: the promises, checked after each event that could break
/// one.
final class Witness {
  /// How long a provider that was dead or frozen may need to fence itself once it is back.
  private static final long BACK = SimHub.LEASE.toNanos() + 4 * World.SECOND;

  private final World world;
  private final Set<RunId> begun = new HashSet<>();
  private final Map<TaskId, Integer> begins = new HashMap<>();
  private final Map<TaskId, Epoch> newestBegun = new HashMap<>();
  private final Map<TaskId, TreeMap<RunId, SimProvider>> alive = new TreeMap<>();
  /// Where the last payload of a task came to its own end.
  private final Map<TaskId, SimProvider> naturalEnd = new HashMap<>();
  private final Map<TaskId, Set<SimProvider>> places = new HashMap<>();
  private final Set<RunId> protectedRuns = new HashSet<>();
  private final Map<TaskId, SimClient.Asked> asked = new HashMap<>();
  private long sessions;

  Witness(World world) {
    this.world = world;
  }

  long nextSession() {
    return ++sessions;
  }

  void submitted(TaskId id, SimClient.Asked task) {
    asked.put(id, task);
  }

  private SimClient.Asked of(TaskId id) {
    SimClient.Asked task = asked.get(id);
    if (task == null) {
      throw world.broken("task " + id + " was never submitted");
    }
    return task;
  }

  void stopAsked(TaskId id) {
    of(id).stopAsked = true;
    unprotect(id);
  }

  int payloads() {
    return begun.size();
  }

  void began(RunId run, SimProvider provider) {
    world.log(provider.name + " payload " + run + " begins");
    if (!begun.add(run)) {
      throw world.broken("payload " + run + " began twice under one epoch");
    }
    SimClient.Asked task = of(run.task());
    int times = begins.merge(run.task(), 1, Integer::sum);
    if (times > 1
        && task.spec.restart().policy() == TaskSpec.Restart.Policy.NEVER
        && !task.mayBeForgotten
        && !diedWithItsMemory(run.task())) {
      throw world.broken("payload of " + run + " began again although it is never to be restarted");
    }
    Epoch before = newestBegun.get(run.task());
    if (before != null && before.compareTo(run.epoch()) > 0 && !mayOverlap(task)) {
      throw world.broken("payload " + run + " began after that of a newer epoch, " + before);
    }
    if (before == null || before.compareTo(run.epoch()) < 0) {
      newestBegun.put(run.task(), run.epoch());
    }
    alive.computeIfAbsent(run.task(), _ -> new TreeMap<>()).put(run, provider);
    places.computeIfAbsent(run.task(), _ -> new HashSet<>()).add(provider);
    checkOverlap(run.task());
  }

  /// A backup was restored, and the machine that alone knew of the run is no more.
  private boolean diedWithItsMemory(TaskId id) {
    return world.restored
        && places.getOrDefault(id, Set.of()).stream().anyMatch(provider -> provider.destroyed);
  }

  void ended(RunId run, SimProvider provider, boolean natural) {
    TreeMap<RunId, SimProvider> runs = alive.get(run.task());
    if (runs != null) {
      runs.remove(run);
      if (runs.isEmpty()) {
        alive.remove(run.task());
      }
    }
    if (natural) {
      naturalEnd.put(run.task(), provider);
    } else {
      naturalEnd.remove(run.task());
    }
    protectedRuns.remove(run);
  }

  private static boolean mayOverlap(SimClient.Asked task) {
    return task.spec.onDisconnect() == TaskSpec.OnDisconnect.REPLACE;
  }

  void checkOverlaps() {
    List.copyOf(alive.keySet()).forEach(this::checkOverlap);
  }

  /// Two payloads of one task live only where it is to be replaced, and the older one's daemon was
  /// dead or frozen a moment ago, so that it could not fence itself.
  private void checkOverlap(TaskId id) {
    TreeMap<RunId, SimProvider> runs = alive.get(id);
    if (runs == null || runs.size() < 2) {
      return;
    }
    for (Map.Entry<RunId, SimProvider> older : runs.headMap(runs.lastKey()).entrySet()) {
      SimProvider provider = older.getValue();
      boolean excused =
          !provider.up || provider.frozen() || world.time - provider.steadySince < BACK;
      if (!mayOverlap(of(id)) || !excused) {
        throw world.broken(
            "payloads "
                + runs.keySet()
                + " live at once; "
                + provider.name
                + " has had its chance");
      }
    }
  }

  /// What an epoch was before a commit, to see that none goes down. A group may resume a task, and
  /// suspend it again: whether one was placed while it was suspended is seen step by step.
  Map<TaskId, TaskRow> epochsBefore(SimStore store, List<Transaction> transactions) {
    Map<TaskId, TaskRow> before = new HashMap<>();
    Map<TaskId, TaskRow> last = new HashMap<>();
    for (Transaction transaction : transactions) {
      for (Change change : transaction.changes()) {
        if (change instanceof Change.PutTask put) {
          TaskRow row = store.tasks.get(put.task().id());
          if (row != null) {
            before.put(row.id(), row);
          }
          TaskRow earlier = last.put(put.task().id(), put.task());
          staysSuspended(earlier == null ? row : earlier, put.task());
        }
        if (change instanceof Change.Append append && append.event().type().equals("node.resync")) {
          throw world.broken("hub and provider disagree on a desired set: " + append.event());
        }
      }
    }
    return before;
  }

  private void staysSuspended(@Nullable TaskRow row, TaskRow next) {
    if (row != null
        && next.epoch().compareTo(row.epoch()) > 0
        && row.desired() == Desired.SUSPEND
        && next.desired() == Desired.SUSPEND
        && !world.restored) {
      throw world.broken("a suspended task was placed: " + next);
    }
  }

  void committed(SimHub hub, Map<TaskId, TaskRow> before) {
    before.forEach(
        (id, row) -> {
          TaskRow after = hub.store.tasks.get(id);
          if (after == null) {
            return;
          }
          if (after.epoch().compareTo(row.epoch()) < 0) {
            throw world.broken("the epoch of " + id + " went from " + row.epoch() + " to " + after);
          }
          if (row.state().ended() && !after.equals(row)) {
            throw world.broken("an ended task changed: " + row + " → " + after);
          }
        });
  }

  /// No acknowledged task is missing from what a hub starts from.
  void hubLoaded(SimHub hub) {
    asked.forEach(
        (id, task) -> {
          if (task.hub == hub
              && task.acked
              && id.equals(task.id)
              && !task.deleteAsked
              && !task.mayBeForgotten
              && !hub.store.tasks.containsKey(id)) {
            throw world.broken("acknowledged task " + id + " is lost");
          }
        });
  }

  /// No provider promises more than it has.
  void reserved(SimProvider provider) {
    Resources sum = Resources.NONE;
    for (RunRecord record : provider.machine().live()) {
      sum = sum.plus(record.order().workload().resources());
    }
    if (!sum.fitsIn(provider.total)) {
      throw world.broken(provider.name + " promised " + sum + " of " + provider.total);
    }
  }

  /// Payloads that run while a backup is restored, and that nobody wants to end.
  void protectRunning(SimHub hub) {
    alive.forEach(
        (id, runs) -> {
          SimClient.Asked task = of(id);
          if (task.hub == hub
              && !task.stopAsked
              && task.spec.onDisconnect() == TaskSpec.OnDisconnect.KEEP
              && task.spec.timeLimitSeconds() == 0) {
            protectedRuns.add(runs.lastKey());
          }
        });
  }

  void unprotect(TaskId id) {
    protectedRuns.removeIf(run -> run.task().equals(id));
  }

  void killing(RunId run) {
    if (protectedRuns.contains(run)) {
      throw world.broken("payload " + run + " is killed because a backup was restored");
    }
  }

  /// Long after the last fault: each live payload stands still exactly if its owner wants that, and
  /// what is suspended without a payload has none.
  void judgePace(SimHub hub) {
    for (TaskRow row : hub.store.tasks.values()) {
      if (row.state().ended() || row.desired() == Desired.STOP) {
        continue;
      }
      boolean wanted = row.desired() == Desired.SUSPEND;
      alive
          .getOrDefault(row.id(), new TreeMap<>())
          .forEach(
              (run, provider) -> {
                boolean is = provider.folders.get(run).suspended;
                if (is != wanted && world.time - provider.folders.get(run).began > World.SECOND) {
                  throw world.broken(
                      "payload " + run + (is ? " stands still" : " runs") + ", wanted " + row);
                }
              });
      if (wanted && row.state() == TaskState.RUNNING) {
        throw world.broken("a task that was suspended long ago is told to run: " + row);
      }
    }
  }

  boolean nothingRuns() {
    return alive.isEmpty();
  }

  /// Once everything is over: what the hub says happened is what happened.
  void judge(SimHub hub) {
    asked.forEach(
        (id, task) -> {
          if (task.hub != hub || !id.equals(task.id) || !task.acked || task.deleteAsked) {
            return;
          }
          TaskRow row = hub.store.tasks.get(id);
          if (row == null) {
            if (!task.mayBeForgotten) {
              throw world.broken("acknowledged task " + id + " is lost");
            }
            return;
          }
          judge(task, row);
        });
  }

  private void judge(SimClient.Asked task, TaskRow row) {
    Script script = Script.of(task.spec.workload());
    Exit exit = row.exit();
    int times = begins.getOrDefault(row.id(), 0);
    SimProvider where = naturalEnd.get(row.id());
    boolean natural = where != null && !where.destroyed;
    if (row.state() == TaskState.SUCCEEDED && (times == 0 || script.exitCode() != 0)) {
      throw world.broken("task " + row + " succeeded, its payload did not");
    }
    if (task.spec.restart().policy() == TaskSpec.Restart.Policy.NEVER
        && task.spec.onDisconnect() == TaskSpec.OnDisconnect.KEEP
        && natural
        && times == 1
        && !task.stopAsked
        && !task.mayBeForgotten
        && (exit == null || exit.code() != script.exitCode())) {
      throw world.broken("task " + row + " ended with " + script.exitCode() + ", and nobody knows");
    }
    if (script.userFault() && !task.stopAsked && row.state() != TaskState.FAILED) {
      throw world.broken("task " + row + " cannot start and did not fail");
    }
    if (row.state() == TaskState.STOPPED && !task.stopAsked) {
      throw world.broken("task " + row + " was stopped and nobody asked for it");
    }
  }
}
