package io.atoll.scheduler.engine;

import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Task;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All that is known, in the order in which it is asked for. Whatever changes who is where, or
/// in which state, goes through here, so that the parts agree.
final class Index {
  final Policy policy;
  final Pool pool = new Pool();
  final WaitingTasks waiting = new WaitingTasks();
  final Shares shares = new Shares();
  final Gatherings gatherings = new Gatherings(pool.traits);
  final Lengths lengths = new Lengths();
  final Yielding yielding = new Yielding();
  final Claims claims = new Claims(this);
  final Rooms rooms;

  /// Slots that could do more than when the last pass began.
  final BitSet grown = new BitSet();

  /// Of the last round.
  long now;

  /// Counts passes.
  long pass;

  private final Map<Demand, DemandClass> demands = new HashMap<>();
  private final Map<TaskId, Live> tasks = new HashMap<>();

  Index(Policy policy) {
    this.policy = policy;
    this.rooms = new Rooms(policy.seed(), pool.slots);
  }

  int size() {
    return tasks.size();
  }

  // Tasks come and go.

  Live live(TaskId id) {
    Live live = tasks.get(id);
    if (live == null) {
      throw new IllegalArgumentException("task " + id + " is not known");
    }
    return live;
  }

  Live take(Task task) {
    if (tasks.containsKey(task.id())) {
      throw new IllegalArgumentException("task " + task.id() + " is known already");
    }
    Live live = new Live(task, demands.computeIfAbsent(task.demand(), DemandClass::new));
    live.demand.tasks++;
    tasks.put(task.id(), live);
    return live;
  }

  void drop(Live live) {
    tasks.remove(live.task.id());
    live.demand.tasks--;
    if (live.demand.tasks == 0) {
      demands.remove(live.task.demand());
    }
  }

  // Tasks wait, and have places.

  /// A task that waits gets a place.
  void place(Live live, Slot slot, long now) {
    Queue.Key key = Queue.Key.of(live);
    Line line = live.line;
    long since = line == null ? now : Math.max(live.task.since(), line.queue.served);
    unwait(live);
    waiting.served(key, now);
    live.begin(now);
    live.guard(since, now, policy);
    enter(live, slot);
  }

  /// A task that stands still goes on. While it runs it may give up more than it holds asleep.
  void wake(Live live, long now) {
    long since = live.at;
    turn(live, State.RUNNING, now, live.way() != Way.SUSPEND);
    yielding.remove(live);
    live.began += now - since;
    live.guard(since, now, policy);
    yielding.add(live);
    changed(live.place());
  }

  /// A task stands still.
  void turn(Live live, State state, long now) {
    turn(live, state, now, true);
  }

  private void turn(Live live, State state, long now, boolean grows) {
    Slot slot = live.place();
    yielding.remove(live);
    shares.add(live.task.app(), live.holds(), -1);
    slot.turn(live, state);
    shares.add(live.task.app(), live.holds(), 1);
    live.at = now;
    live.unguard();
    yielding.add(live);
    if (grows) {
      grew(slot);
    } else {
      changed(slot);
    }
  }

  /// Ends the guards whose time has come.
  void expire(long now) {
    for (Live live : yielding.unguardedAt(now)) {
      yielding.remove(live);
      live.unguard();
      yielding.add(live);
      grew(live.place());
    }
  }

  /// A task leaves its place; it is nowhere then.
  void leave(Live live) {
    Slot slot = live.place();
    yielding.remove(live);
    shares.add(live.task.app(), live.holds(), -1);
    gatherings.placed(live.task, slot, -1);
    slot.remove(live);
    live.slot = null;
    live.state = State.RUNNING;
    live.unguard();
    grew(slot);
  }

  /// A task that is nowhere waits.
  void await(Live live) {
    waiting.add(live);
    gatherings.waits(live);
  }

  void unwait(Live live) {
    claims.release(live);
    waiting.remove(live);
    gatherings.waitsNot(live);
  }

  void enter(Live live, Slot slot) {
    live.slot = slot;
    slot.add(live);
    gatherings.placed(live.task, slot, 1);
    shares.add(live.task.app(), live.holds(), 1);
    yielding.add(live);
    changed(slot);
  }

  /// It could do more than before.
  void grew(Slot slot) {
    changed(slot);
    grown.set(slot.index);
  }

  private void changed(Slot slot) {
    slot.changed();
    rooms.changed(slot.index);
  }

  // Questions.

  @Nullable Live find(TaskId id) {
    return tasks.get(id);
  }

  /// Asks something about a task, known or not, and as it is or otherwise. Nothing changes.
  <R> R asked(Task task, Function<Live, R> question) {
    Live known = tasks.get(task.id());
    if (known != null && known.task.equals(task)) {
      return question.apply(known);
    }
    DemandClass demand = demands.get(task.demand());
    Live imagined = new Live(task, demand == null ? new DemandClass(task.demand()) : demand);
    Live instead = known != null && known.slot == null ? known : null;
    if (instead != null) {
      gatherings.waitsNot(instead);
    }
    gatherings.waits(imagined);
    try {
      return question.apply(imagined);
    } finally {
      gatherings.waitsNot(imagined);
      if (instead != null) {
        gatherings.waits(instead);
      }
    }
  }
}
