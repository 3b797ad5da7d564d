package io.atoll.p2p.latency;

import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Which nodes are near each other. Pure functions: the same round trips, the same answer.
public final class Nearness {
  /// More than these are not compared each with each.
  public static final int MAX_NODES = 1000;

  /// Round trips as somebody knows them.
  @FunctionalInterface
  public interface Distances {
    Optional<Duration> between(PeerId a, PeerId b);
  }

  /// Two nodes, in the order of their names.
  public record Pair(PeerId a, PeerId b, Duration roundTrip) {}

  private static final Comparator<Pair> NEAREST_FIRST =
      Comparator.comparing(Pair::roundTrip).thenComparing(Pair::a).thenComparing(Pair::b);

  private Nearness() {}

  /// The pairs within a bound, the nearest first. A pair of which nothing is known is none.
  public static List<Pair> pairs(Collection<PeerId> nodes, Duration bound, Distances distances) {
    List<PeerId> sorted = sorted(nodes);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      for (int j = i + 1; j < sorted.size(); j++) {
        PeerId a = sorted.get(i);
        PeerId b = sorted.get(j);
        distances
            .between(a, b)
            .filter(rtt -> rtt.compareTo(bound) <= 0)
            .ifPresent(rtt -> pairs.add(new Pair(a, b, rtt)));
      }
    }
    pairs.sort(NEAREST_FIRST);
    return pairs;
  }

  /// Puts each node into one group, so that any two of a group are within the bound: the nearest
  /// pairs first, a group with a group where all of them are. A node that is near nobody is alone.
  ///
  /// @return the largest group first, then by the names in it
  public static List<List<PeerId>> groups(
      Collection<PeerId> nodes, Duration bound, Distances distances) {
    List<Pair> pairs = pairs(nodes, bound, distances);
    Map<PeerId, Set<PeerId>> near = new HashMap<>();
    Map<PeerId, SortedSet<PeerId>> groupOf = new HashMap<>();
    for (PeerId node : nodes) {
      near.put(node, new HashSet<>());
      groupOf.put(node, new TreeSet<>(List.of(node)));
    }
    for (Pair pair : pairs) {
      neighbours(near, pair.a).add(pair.b);
      neighbours(near, pair.b).add(pair.a);
    }
    for (Pair pair : pairs) {
      SortedSet<PeerId> one = group(groupOf, pair.a);
      SortedSet<PeerId> other = group(groupOf, pair.b);
      if (!one.equals(other)
          && one.stream().allMatch(a -> neighbours(near, a).containsAll(other))) {
        one.addAll(other);
        other.forEach(node -> groupOf.put(node, one));
      }
    }
    return groupOf.values().stream()
        .distinct()
        .map(List::copyOf)
        .sorted(
            Comparator.comparingInt((List<PeerId> group) -> -group.size())
                .thenComparing(List::getFirst))
        .toList();
  }

  /// Those of which something is known, the nearest first.
  public static List<PeerId> nearestTo(
      PeerId node, Collection<PeerId> others, int count, Distances distances) {
    Map<PeerId, Duration> known = new HashMap<>();
    for (PeerId other : others) {
      if (!other.equals(node)) {
        distances.between(node, other).ifPresent(rtt -> known.put(other, rtt));
      }
    }
    return known.entrySet().stream()
        .sorted(
            Comparator.comparing(Map.Entry<PeerId, Duration>::getValue)
                .thenComparing(Map.Entry::getKey))
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static List<PeerId> sorted(Collection<PeerId> nodes) {
    List<PeerId> sorted = nodes.stream().distinct().sorted().toList();
    if (sorted.size() > MAX_NODES) {
      throw new IllegalArgumentException(
          sorted.size() + " nodes are too many to compare each with each; ask for " + MAX_NODES);
    }
    return sorted;
  }

  private static Set<PeerId> neighbours(Map<PeerId, Set<PeerId>> near, PeerId node) {
    return near.getOrDefault(node, Set.of());
  }

  private static SortedSet<PeerId> group(Map<PeerId, SortedSet<PeerId>> groups, PeerId node) {
    return groups.getOrDefault(node, new TreeSet<>());
  }
}
