package io.atoll.p2p.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.latency.Nearness.Distances;
import io.atoll.p2p.latency.Nearness.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NearnessTest {
  private static final List<PeerId> IDS =
      Stream.generate(() -> Identity.generate().id()).limit(40).sorted().toList();
  private static final Duration BOUND = Duration.ofMillis(10);

  /// Nodes on a line, so many milliseconds from its start.
  private static Distances line(Map<PeerId, Integer> places) {
    return (a, b) ->
        places.containsKey(a) && places.containsKey(b)
            ? Optional.of(Duration.ofMillis(Math.abs(places.get(a) - places.get(b))))
            : Optional.empty();
  }

  private static Map<PeerId, Integer> places(int... millis) {
    Map<PeerId, Integer> places = new HashMap<>();
    for (int i = 0; i < millis.length; i++) {
      places.put(IDS.get(i), millis[i]);
    }
    return places;
  }

  @Test
  void pairsComeNearestFirst() {
    List<PeerId> nodes = IDS.subList(0, 4);
    assertThat(Nearness.pairs(nodes, BOUND, line(places(0, 8, 10))))
        .containsExactly(
            new Pair(IDS.get(1), IDS.get(2), Duration.ofMillis(2)),
            new Pair(IDS.get(0), IDS.get(1), Duration.ofMillis(8)),
            new Pair(IDS.get(0), IDS.get(2), Duration.ofMillis(10)));
    assertThat(Nearness.pairs(List.of(), BOUND, line(places()))).isEmpty();
    assertThat(Nearness.pairs(List.of(IDS.get(0), IDS.get(0)), BOUND, line(places(0)))).isEmpty();
  }

  @Test
  void inAGroupEachIsNearEachOther() {
    // 0 and 8 are near, 8 and 15 too, 0 and 15 are not: the nearest two go together.
    assertThat(Nearness.groups(IDS.subList(0, 3), BOUND, line(places(0, 8, 15))))
        .containsExactly(List.of(IDS.get(1), IDS.get(2)), List.of(IDS.get(0)));
    // Two cities, and one node of which nothing is known.
    assertThat(Nearness.groups(IDS.subList(0, 6), BOUND, line(places(0, 100, 3, 104, 5))))
        .containsExactly(
            List.of(IDS.get(0), IDS.get(2), IDS.get(4)),
            List.of(IDS.get(1), IDS.get(3)),
            List.of(IDS.get(5)));
    assertThat(Nearness.groups(List.of(), BOUND, line(places()))).isEmpty();
  }

  @Test
  void whateverTheRoundTripsGroupsAreWithinTheBoundAndAllAreInOne() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Map<Set<PeerId>, Optional<Duration>> known = new HashMap<>();
      Distances any =
          (a, b) ->
              known.computeIfAbsent(
                  Set.of(a, b),
                  _ ->
                      random.nextInt(4) == 0
                          ? Optional.empty()
                          : Optional.of(Duration.ofMillis(random.nextInt(25))));
      List<PeerId> nodes = IDS.subList(0, random.nextInt(25));
      List<List<PeerId>> groups = Nearness.groups(nodes, BOUND, any);
      assertThat(groups.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(nodes);
      for (List<PeerId> group : groups) {
        for (PeerId a : group) {
          for (PeerId b : group) {
            if (!a.equals(b)) {
              assertThat(any.between(a, b).orElseThrow()).isLessThanOrEqualTo(BOUND);
            }
          }
        }
      }
      List<PeerId> shuffled = new ArrayList<>(nodes);
      Collections.shuffle(shuffled, random);
      assertThat(Nearness.groups(shuffled, BOUND, any)).isEqualTo(groups);
    }
  }

  @Test
  void theNearestOfSome() {
    Distances line = line(places(50, 10, 45, 70));
    assertThat(Nearness.nearestTo(IDS.get(0), IDS.subList(0, 6), 2, line))
        .containsExactly(IDS.get(2), IDS.get(3));
    assertThat(Nearness.nearestTo(IDS.get(9), IDS, 2, line)).isEmpty();
  }

  @Test
  void moreThanCanBeComparedIsSaid() {
    List<PeerId> many = Stream.generate(() -> Identity.generate().id()).limit(1001).toList();
    assertThatThrownBy(() -> Nearness.pairs(many, BOUND, line(places())))
        .hasMessageContaining("1001");
  }
}
