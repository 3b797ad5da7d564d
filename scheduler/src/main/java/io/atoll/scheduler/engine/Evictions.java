package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.engine.Placer.Choice;
import io.atoll.scheduler.engine.VictimChoice.Victims;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the fewest give way to a task; among as few, where the loss is least. Exact over a few
/// providers; of many, those with the least loss are tried, then those that it would fill best.
final class Evictions {
  /// So many that give way are tried by themselves, in the order of their loss.
  private static final int PROBES = 64;

  private final Index index;
  private final Placer placer;

  Evictions(Index index, Placer placer) {
    this.index = index;
    this.placer = placer;
  }

  @Nullable Choice anywhere(Live live, Resources need) {
    Choice one = oneVictim(live, need);
    return one != null ? one : among(live, need, candidates(live, need));
  }

  @Nullable Choice among(Live live, Resources need, List<Slot> few) {
    Amount amount = new Amount(need);
    int priority = live.task.priority();
    List<Slot> suiting =
        few.stream()
            .filter(slot -> slot.roomNow(priority).holds(need) && placer.suits(live, slot))
            .limit(index.policy.candidates())
            .toList();
    Live one =
        suiting.stream()
            .flatMap(slot -> VictimChoice.one(slot, priority, amount).stream())
            .min(Live.BY_LOSS)
            .orElse(null);
    if (one != null) {
      return new Choice(one.place(), List.of(one));
    }
    Slot best = null;
    Victims fewest = null;
    for (Slot slot : suiting) {
      int most = fewest == null ? Integer.MAX_VALUE : fewest.who().size();
      Victims victims = VictimChoice.on(slot, priority, amount, most);
      if (victims != null && (fewest == null || Victims.BY_LOSS.compare(victims, fewest) < 0)) {
        best = slot;
        fewest = victims;
      }
    }
    return best == null || fewest == null ? null : new Choice(best, fewest.who());
  }

  private @Nullable Choice oneVictim(Live live, Resources need) {
    int probes = 0;
    for (var level : index.yielding.below(live.task.priority())) {
      for (Live victim : level) {
        probes++;
        if (probes > PROBES) {
          return null;
        }
        Slot slot = victim.place();
        Amount lack = new Amount(need);
        lack.add(slot.free, -1);
        if (victim.makesUp(lack) && placer.suits(live, slot)) {
          return new Choice(slot, List.of(victim));
        }
      }
    }
    return null;
  }

  private List<Slot> candidates(Live live, Resources need) {
    List<Slot> found = new ArrayList<>();
    RoomIndex rooms = index.rooms.below(live.task.priority());
    rooms.first(
        need,
        placer.bits(live),
        at -> {
          Slot slot = index.pool.slots.get(at);
          if (slot != null && placer.suits(live, slot)) {
            found.add(slot);
          }
          return found.size() >= index.policy.candidates();
        });
    return found;
  }
}
