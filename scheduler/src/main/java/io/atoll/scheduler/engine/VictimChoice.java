package io.atoll.scheduler.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The fewest tasks of one provider whose giving way makes room; among as few, the least
/// important, then the least advanced.
///
/// With three resources this is a knapsack. One victim is found by looking, several by a search
/// that tries ever larger sets and leaves out what cannot do, for at most `STEPS` steps; behind
/// that the largest are taken first and those left out again that turned out not to be needed.
/// So there is never a victim too many in the set, and up to that limit no set with fewer.
final class VictimChoice {
  private static final int STEPS = 2_000;

  /// Who gives way.
  ///
  /// @param level of the most important of them
  /// @param began the sum of when they began; more is less advanced
  record Victims(List<Live> who, int level, long began) {
    static final Comparator<Victims> BY_LOSS =
        Comparator.comparingInt((Victims victims) -> victims.who.size())
            .thenComparingInt(Victims::level)
            .thenComparingLong(victims -> -victims.began)
            .thenComparing(victims -> victims.who.getFirst().task.id());

    static Victims of(List<Live> who) {
      int level = 0;
      long began = 0;
      for (Live live : who) {
        level = Math.max(level, live.level);
        began += live.began;
      }
      return new Victims(List.copyOf(who), level, began);
    }
  }

  private final List<Live> candidates;
  private final Amount[] yields;
  private final Amount[] most;
  private final Live[] chosen;
  private @Nullable Victims best;
  private int steps;

  private VictimChoice(List<Live> candidates) {
    int n = candidates.size();
    this.candidates = candidates;
    this.yields = new Amount[n];
    this.most = new Amount[n + 1];
    this.chosen = new Live[n];
    most[n] = new Amount();
    for (int i = n - 1; i >= 0; i--) {
      yields[i] = candidates.get(i).yields();
      most[i] = new Amount();
      most[i].cpu = Math.max(most[i + 1].cpu, yields[i].cpu);
      most[i].memory = Math.max(most[i + 1].memory, yields[i].memory);
      most[i].disk = Math.max(most[i + 1].disk, yields[i].disk);
    }
  }

  /// The one with the least loss whose giving way alone makes room.
  static Optional<Live> one(Slot slot, int priority, Amount need) {
    Amount lack = new Amount(need);
    lack.add(slot.free, -1);
    Live best = null;
    for (Live live : slot.there) {
      boolean less = best == null || Live.BY_LOSS.compare(live, best) < 0;
      if (live.level < priority && less && live.makesUp(lack)) {
        best = live;
      }
    }
    return Optional.ofNullable(best);
  }

  /// @param need what must be free
  /// @param fewest a larger set is not looked for
  /// @return null if there is no such set
  static @Nullable Victims on(Slot slot, int priority, Amount need, int fewest) {
    Amount lack = new Amount(need);
    lack.add(slot.free, -1);
    Amount all = new Amount();
    List<Live> candidates = new ArrayList<>();
    for (Live live : slot.there) {
      if (live.level < priority) {
        Amount freed = live.yields();
        if (helps(freed, lack)) {
          candidates.add(live);
          all.add(freed, 1);
        }
      }
    }
    if (!covers(all, lack)) {
      return null;
    }
    candidates.sort(Live.BY_LOSS);
    return new VictimChoice(candidates).search(lack, fewest);
  }

  private @Nullable Victims search(Amount lack, int fewest) {
    int n = candidates.size();
    int least = Math.max(1, least(lack));
    for (int size = least; size <= Math.min(n, fewest); size++) {
      pick(0, 0, size, lack);
      if (best != null) {
        return best;
      }
      if (steps > STEPS) {
        Victims found = largestFirst(lack);
        return found.who.size() <= fewest ? found : null;
      }
    }
    return null;
  }

  /// How many it takes at least, were all as large as the largest.
  private int least(Amount lack) {
    return (int)
        Math.max(
            parts(lack.cpu, most[0].cpu),
            Math.max(parts(lack.memory, most[0].memory), parts(lack.disk, most[0].disk)));
  }

  private static long parts(long lack, long most) {
    return lack <= 0 || most <= 0 ? 0 : (lack + most - 1) / most;
  }

  private void pick(int from, int taken, int size, Amount lack) {
    steps++;
    if (taken == size) {
      if (covers(new Amount(), lack)) {
        Victims found = Victims.of(Arrays.asList(chosen).subList(0, size));
        if (best == null || Victims.BY_LOSS.compare(found, best) < 0) {
          best = found;
        }
      }
      return;
    }
    int left = size - taken;
    for (int i = from; i <= candidates.size() - left; i++) {
      Victims known = best;
      if (steps > STEPS || (known != null && candidates.get(i).level > known.level)) {
        return;
      }
      if (!couldCover(most[i], left, lack)) {
        return;
      }
      chosen[taken] = candidates.get(i);
      Amount rest = new Amount(lack);
      rest.add(yields[i], -1);
      pick(i + 1, taken + 1, size, rest);
    }
  }

  private Victims largestFirst(Amount lack) {
    List<Live> bySize = new ArrayList<>(candidates);
    bySize.sort(
        Comparator.comparingDouble((Live live) -> -weight(live.yields(), lack))
            .thenComparing(Live.BY_LOSS));
    Amount rest = new Amount(lack);
    List<Live> taken = new ArrayList<>();
    for (Live live : bySize) {
      if (covers(new Amount(), rest)) {
        break;
      }
      Amount freed = live.yields();
      if (helps(freed, rest)) {
        taken.add(live);
        rest.add(freed, -1);
      }
    }
    taken.sort(Live.BY_LOSS.reversed());
    for (Live live : List.copyOf(taken)) {
      Amount without = new Amount(rest);
      without.add(live.yields(), 1);
      if (covers(new Amount(), without)) {
        taken.remove(live);
        rest = without;
      }
    }
    taken.sort(Live.BY_LOSS);
    return Victims.of(taken);
  }

  private static double weight(Amount freed, Amount lack) {
    return part(freed.cpu, lack.cpu)
        + part(freed.memory, lack.memory)
        + part(freed.disk, lack.disk);
  }

  private static double part(long freed, long lack) {
    return lack <= 0 ? 0 : Math.min(1, (double) freed / lack);
  }

  private static boolean helps(Amount freed, Amount lack) {
    return (lack.cpu > 0 && freed.cpu > 0)
        || (lack.memory > 0 && freed.memory > 0)
        || (lack.disk > 0 && freed.disk > 0);
  }

  private static boolean covers(Amount freed, Amount lack) {
    return freed.cpu >= lack.cpu && freed.memory >= lack.memory && freed.disk >= lack.disk;
  }

  private static boolean couldCover(Amount most, int times, Amount lack) {
    return enough(most.cpu, times, lack.cpu)
        && enough(most.memory, times, lack.memory)
        && enough(most.disk, times, lack.disk);
  }

  private static boolean enough(long most, int times, long lack) {
    return lack <= 0 || most >= (lack + times - 1) / times;
  }
}
