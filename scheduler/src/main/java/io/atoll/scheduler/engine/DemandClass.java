package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Traits;
import java.util.BitSet;
import java.util.List;

/// All tasks of one demand: which classes of providers suit it is found out once.
final class DemandClass {
  final Demand demand;

  /// Nobody but the caller's tasks refer to it, so the class goes with the last one.
  int tasks;

  private final BitSet suiting = new BitSet();
  private int examined;
  private long bits;

  /// In which pass it was found to fit nowhere, and for which priority.
  private long failedIn = -1;

  private int failedFor;

  /// For which version of the pool it was asked whether there is hope.
  private long lookedAt = -1;

  private boolean hope;

  DemandClass(Demand demand) {
    this.demand = demand;
  }

  /// It was found to fit nowhere.
  void fail(long pass, int priority) {
    failedFor = failedIn == pass ? Math.max(failedFor, priority) : priority;
    failedIn = pass;
  }

  /// Whether it fits nowhere as far as the pass knows, but where a slot is kept free for the
  /// task.
  boolean failed(long pass, int priority) {
    return failedIn == pass && priority <= failedFor;
  }

  /// Whether some provider could take it if that had nothing else to do.
  boolean hasHope(Pool pool) {
    if (lookedAt != pool.version) {
      lookedAt = pool.version;
      hope = pool.slots.stream().anyMatch(slot -> slot != null && suits(slot, pool.traits));
    }
    return hope;
  }

  /// Of 64 bits, those of classes of traits that suit.
  long bits(List<Traits> traits) {
    examine(traits);
    return bits;
  }

  boolean suits(Slot slot, List<Traits> traits) {
    examine(traits);
    return suiting.get(slot.traits) && Constraint.suits(demand, slot.provider);
  }

  private void examine(List<Traits> traits) {
    for (; examined < traits.size(); examined++) {
      if (Constraint.suits(demand, traits.get(examined))) {
        suiting.set(examined);
        bits |= bit(examined);
      }
    }
  }

  static long bit(int traits) {
    return 1L << (traits & 63);
  }
}
