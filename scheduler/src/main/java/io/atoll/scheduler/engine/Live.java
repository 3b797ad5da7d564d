package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import io.atoll.scheduler.model.Task.Sleep;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// A task in the index: in a line, or on a slot. There may be a million.
final class Live {
  /// The oldest first; never equal for two.
  static final Comparator<Live> BY_AGE =
      Comparator.comparingLong((Live live) -> live.task.since())
          .thenComparing(live -> live.task.id());

  /// The one whose loss is least first: the least important, then the least advanced. A victim
  /// that is itself important would drive out another in turn.
  static final Comparator<Live> BY_LOSS =
      Comparator.comparingInt((Live live) -> live.level)
          .thenComparingLong(live -> -live.began)
          .thenComparing(live -> live.task.id());

  final Task task;
  final DemandClass demand;

  /// Where it waits; null = it has a place, or is about to have one.
  @Nullable Line line;

  /// Its place; null = it waits.
  @Nullable Slot slot;

  /// What is kept free for it.
  @Nullable Slot claimed;

  /// See `Held`.
  State state = State.RUNNING;

  long began;
  long at;
  int level;
  long guarded;

  Live(Task task, DemandClass demand) {
    this.task = task;
    this.demand = demand;
    this.level = task.priority();
  }

  void become(Held held) {
    state = held.state();
    began = held.began();
    at = held.at();
    level = held.level();
    guarded = held.guarded();
  }

  void begin(long now) {
    state = State.RUNNING;
    began = now;
    at = now;
  }

  /// What it gained by waiting is its level for a while.
  void guard(long since, long now, Policy policy) {
    long gained = Math.max(0, (now - since) / policy.ageStep());
    level = (int) Math.min(100, task.priority() + gained);
    guarded = level > task.priority() ? now + policy.quantum() : 0;
  }

  void unguard() {
    level = task.priority();
    guarded = 0;
  }

  Slot place() {
    Slot here = slot;
    if (here == null) {
      throw new IllegalStateException("task " + task.id() + " has no place");
    }
    return here;
  }

  /// Whether the scheduler let it stand still.
  boolean sleeps() {
    return state == State.SLEEPING || state == State.DEEP;
  }

  /// How it would give way; null if it keeps its place, or has none.
  @Nullable Way way() {
    Slot here = slot;
    if (here == null || task.onPreempt() == OnPreempt.NEVER) {
      return null;
    }
    String driver = task.demand().driver();
    var traits = here.provider.traits();
    if (task.onPreempt() == OnPreempt.STOP_AND_REQUEUE || !traits.suspends().contains(driver)) {
      return Way.STOP_AND_REQUEUE;
    }
    return task.sleep() == Sleep.FREES_MEMORY && traits.deep().contains(driver)
        ? Way.SUSPEND_DEEP
        : Way.SUSPEND;
  }

  /// What its giving way would free; nothing if it runs not, or keeps its place.
  Amount yields() {
    Way way = way();
    if (way == null || state != State.RUNNING) {
      return new Amount();
    }
    Amount freed = new Amount(task.demand().resources());
    switch (way) {
      case SUSPEND -> freed.add(Amount.held(task, State.SLEEPING), -1);
      case SUSPEND_DEEP -> freed.add(Amount.held(task, State.DEEP), -1);
      case STOP_AND_REQUEUE -> {}
    }
    return freed;
  }

  /// Whether its giving way alone would free so much.
  boolean makesUp(Amount lack) {
    Way way = way();
    if (way == null || state != State.RUNNING) {
      return false;
    }
    Resources all = task.demand().resources();
    return lack.cpu <= all.cpuMillis()
        && lack.memory <= (way == Way.SUSPEND ? 0 : all.memory())
        && lack.disk <= (way == Way.STOP_AND_REQUEUE ? all.disk() : 0);
  }

  Amount holds() {
    return Amount.held(task, state);
  }

  /// What it needs more than it holds, to run.
  Amount lacks() {
    Amount lack = new Amount(task.demand().resources());
    if (slot != null) {
      lack.add(holds(), -1);
    }
    return lack;
  }

  Held held(Slot here) {
    return new Held(task, here.provider.id(), state, began, at, level, guarded);
  }
}
