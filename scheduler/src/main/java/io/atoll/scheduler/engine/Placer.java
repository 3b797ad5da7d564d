package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.engine.VictimChoice.Victims;
import io.atoll.scheduler.model.Demand.Preference;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Standing;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where a task goes, and who gives way to it. Asks the index, changes nothing.
final class Placer {
  /// For so many demands it is remembered which slots have room.
  private static final int CLASSES = 1_000;

  private final Index index;
  private final BitSet closed;
  private final Evictions evictions;

  /// See `roomy`.
  private final Map<DemandClass, List<Slot>> roomy = new HashMap<>();

  private long roomyIn = -1;

  record Choice(Slot slot, List<Live> victims) {}

  /// @param closed slots that take nobody for now
  Placer(Index index, BitSet closed) {
    this.index = index;
    this.closed = closed;
    this.evictions = new Evictions(index, this);
  }

  /// @param grown nothing else takes it, as it has been tried; null = it has not
  @Nullable Choice choose(Live live, @Nullable List<Slot> grown) {
    Resources need = index.gatherings.needs(live.task);
    Slot free =
        grown == null ? freeAnywhere(live, need) : freeAmong(live, need, roomy(live.demand, grown));
    if (free != null) {
      return new Choice(free, List.of());
    }
    if (index.yielding.below(live.task.priority()).isEmpty()) {
      return null;
    }
    return grown == null ? evictions.anywhere(live, need) : evictions.among(live, need, grown);
  }

  /// Of the slots that grew, those that suit and had room when it was first asked in a pass;
  /// room only shrinks meanwhile.
  private List<Slot> roomy(DemandClass demand, List<Slot> grown) {
    if (roomyIn != index.pass || roomy.size() > CLASSES) {
      roomyIn = index.pass;
      roomy.clear();
    }
    return roomy.computeIfAbsent(
        demand,
        d ->
            grown.stream()
                .filter(slot -> slot.free.holds(d.demand.resources()))
                .filter(slot -> d.suits(slot, index.pool.traits))
                .toList());
  }

  /// Whether another of its group can go where the first has gone, closed or not.
  @Nullable Choice beside(Live live, Slot slot) {
    boolean fits = slot.free.holds(live.task.demand().resources());
    return fits && suitsOpen(live, slot) ? new Choice(slot, List.of()) : null;
  }

  /// Whether a task that stands still can go on, and who gives way to it. For whom its slot is
  /// kept free does not matter: what it holds there is free only when it has ended.
  @Nullable Choice wake(Live live, Slot slot) {
    Standing standing = slot.provider.standing();
    boolean reachable = standing == Standing.READY || standing == Standing.CORDONED;
    if (!reachable || closed.get(slot.index)) {
      return null;
    }
    if (hasRoom(live, slot)) {
      return new Choice(slot, List.of());
    }
    Amount lack = live.lacks();
    Amount need = new Amount();
    need.cpu = lack.cpu > 0 ? lack.cpu : Math.min(0, slot.free.cpu);
    need.memory = lack.memory > 0 ? lack.memory : Math.min(0, slot.free.memory);
    need.disk = lack.disk > 0 ? lack.disk : Math.min(0, slot.free.disk);
    Victims victims = VictimChoice.on(slot, live.task.priority(), need, Integer.MAX_VALUE);
    return victims == null ? null : new Choice(slot, victims.who());
  }

  /// Those that stand still on a slot and may be able to go on.
  List<Live> awakening(Slot slot) {
    List<Live> awakening = new ArrayList<>();
    int lowest = slot.lowest();
    for (Live live : slot.there) {
      if (live.sleeps() && (live.task.priority() > lowest || hasRoom(live, slot))) {
        awakening.add(live);
      }
    }
    return awakening;
  }

  /// Whether what a task that stands still lacks is free.
  private boolean hasRoom(Live live, Slot slot) {
    Resources all = live.task.demand().resources();
    Amount free = slot.free;
    return all.cpuMillis() <= Math.max(0, free.cpu)
        && (live.state != State.DEEP || all.memory() <= Math.max(0, free.memory));
  }

  /// Whether a slot suits, whatever is free there.
  boolean suits(Live live, Slot slot) {
    return !closed.get(slot.index) && suitsOpen(live, slot);
  }

  private boolean suitsOpen(Live live, Slot slot) {
    return slot.ready()
        && live.demand.suits(slot, index.pool.traits)
        && index.claims.allow(live, slot)
        && index.gatherings.allow(live.task, slot);
  }

  private @Nullable Slot freeAnywhere(Live live, Resources need) {
    IntPredicate takes =
        at -> {
          Slot slot = slot(at);
          return slot != null && slot.free.holds(need) && suits(live, slot);
        };
    Rooms rooms = index.rooms;
    return switch (live.task.demand().prefer()) {
      case PACK -> slot(rooms.free().first(need, bits(live), takes));
      case SPREAD -> slot(rooms.free().last(need, bits(live), takes));
      case CHEAP -> slot(rooms.cheapest().first(need, bits(live), takes));
      case LOCAL -> {
        Set<Slot> with = index.pool.withImage(live.task.demand().image());
        Slot near = best(live, need, with, Preference.PACK);
        yield near != null ? near : slot(rooms.free().first(need, bits(live), takes));
      }
    };
  }

  private @Nullable Slot freeAmong(Live live, Resources need, List<Slot> few) {
    Preference prefer = live.task.demand().prefer();
    if (prefer == Preference.LOCAL) {
      Set<Slot> with = index.pool.withImage(live.task.demand().image());
      Slot near = best(live, need, few.stream().filter(with::contains).toList(), Preference.PACK);
      return near != null ? near : best(live, need, few, Preference.PACK);
    }
    return best(live, need, few, prefer);
  }

  private @Nullable Slot best(Live live, Resources need, Collection<Slot> few, Preference prefer) {
    Slot best = null;
    for (Slot slot : few) {
      if (slot.free.holds(need)
          && (best == null || better(slot, best, prefer))
          && suits(live, slot)) {
        best = slot;
      }
    }
    return best;
  }

  /// The order of the indexes.
  private boolean better(Slot a, Slot b, Preference prefer) {
    boolean byPrice = prefer == Preference.CHEAP;
    double one = byPrice ? a.provider.price() : a.free.size();
    double other = byPrice ? b.provider.price() : b.free.size();
    int order = Double.compare(one, other);
    if (order == 0) {
      long seed = index.policy.seed();
      order = Long.compare(RoomIndex.mix(a.number ^ seed), RoomIndex.mix(b.number ^ seed));
    }
    return prefer == Preference.SPREAD ? order > 0 : order < 0;
  }

  /// Of those that suit, whatever is free there, and that the caller would have: one of those
  /// with the most room for the priority.
  @Nullable Slot roomiest(Live live, Predicate<Slot> welcome) {
    int priority = live.task.priority();
    List<Slot> found = new ArrayList<>();
    long none = Long.MIN_VALUE;
    index
        .rooms
        .below(priority)
        .first(
            none,
            none,
            none,
            bits(live),
            at -> {
              Slot slot = slot(at);
              if (slot != null && suits(live, slot) && welcome.test(slot)) {
                found.add(slot);
              }
              return found.size() >= index.policy.candidates();
            });
    return found.stream()
        .max(
            Comparator.comparingDouble((Slot slot) -> slot.room(priority).size())
                .thenComparingLong(slot -> slot.number))
        .orElse(null);
  }

  long bits(Live live) {
    return live.demand.bits(index.pool.traits);
  }

  private @Nullable Slot slot(int at) {
    return at < 0 ? null : index.pool.slots.get(at);
  }
}
