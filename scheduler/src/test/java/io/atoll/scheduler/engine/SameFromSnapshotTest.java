package io.atoll.scheduler.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Demand.Preference;
import io.atoll.scheduler.model.Group;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Near;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Standing;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import io.atoll.scheduler.model.Where;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The index is nothing but an index: whatever happened to it, with groups, distances, claims
/// and ages, it decides what a new one made of its snapshot decides; and having decided, no
/// more.
class SameFromSnapshotTest {
  private final long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime() >>> 16);
  private final int rounds = Integer.getInteger("atoll.fuzz.rounds", 300);
  private int number;
  private int decided;
  private int claims;

  @Test
  void decidesTheSame() {
    System.out.println("same from snapshot: " + rounds + " rounds from seed " + seed);
    for (int i = 0; i < rounds; i++) {
      live(seed + i);
    }
    assertThat(decided).isGreaterThan(10 * rounds);
    assertThat(claims).isPositive();
  }

  private void live(long seed) {
    Random random = new Random(seed);
    Policy policy = new Policy(seed, 1 + random.nextInt(40), 30, 60, 30, 32);
    Cluster cluster = new Cluster(policy);
    int providers = 1 + random.nextInt(6);
    Map<TaskId, Task> tasks = new TreeMap<>();
    for (int i = 0; i < providers; i++) {
      cluster.put(provider(i, random));
    }
    for (long now = 0; now < 400; now += random.nextInt(10)) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          Task task = task(now, random);
          cluster.submit(task);
          tasks.put(task.id(), task);
        }
        case 3, 4 -> {
          if (!tasks.isEmpty()) {
            TaskId id = any(tasks, random);
            tasks.remove(id);
            cluster.forget(id, now);
          }
        }
        case 5 -> cluster.put(provider(random.nextInt(providers), random));
        case 6 -> {
          PeerId one = Things.peer(random.nextInt(providers));
          cluster.measured(one, Things.peer(random.nextInt(providers)), random.nextInt(30));
          cluster.remove(one).stream().map(Held::task).forEach(cluster::submit);
        }
        default -> pause(cluster, tasks, now, random);
      }
      String when = "seed " + seed + " at " + now;
      List<Decision> other = Rounds.decide(cluster.snapshot(), policy, now, 1_000).decisions();
      List<Decision> decisions = Rounds.decide(cluster, now, 1_000).decisions();
      assertThat(decisions).as(when).isEqualTo(other);
      assertThat(Rounds.decide(cluster.snapshot(), policy, now, 1_000).decisions())
          .as("%s, again", when)
          .isEmpty();
      // Who was stopped has ended.
      tasks.values().stream().filter(task -> !cluster.knows(task.id())).forEach(cluster::submit);
      decided += decisions.size();
      claims += cluster.snapshot().claims().size();
    }
  }

  private static TaskId any(Map<TaskId, Task> tasks, Random random) {
    return List.copyOf(tasks.keySet()).get(random.nextInt(tasks.size()));
  }

  private static void pause(Cluster cluster, Map<TaskId, Task> tasks, long now, Random random) {
    if (!tasks.isEmpty()) {
      TaskId id = any(tasks, random);
      Held held = cluster.held(id);
      if (held != null && held.state() == State.RUNNING) {
        cluster.park(id, now);
      } else if (held != null) {
        cluster.unpark(id);
      }
    }
  }

  private static Provider provider(int number, Random random) {
    return Provider.of(
            Things.peer(number),
            "node" + number,
            new Resources(1 + random.nextInt(8), 2 + random.nextInt(12), 5),
            Things.PLAIN.labelled(Map.of(), random.nextBoolean() ? "eu" : "us", Set.of()))
        .price(random.nextInt(3))
        .images(random.nextBoolean() ? Set.of("image") : Set.of())
        .standing(random.nextInt(3) > 0 ? Standing.READY : Standing.values()[random.nextInt(6)]);
  }

  private Task task(long now, Random random) {
    Resources need =
        new Resources(1 + random.nextInt(5), 1 + random.nextInt(4), random.nextInt(3) / 2);
    Where where =
        switch (random.nextInt(6)) {
          case 0 -> Where.ANY.locations(Set.of("eu"));
          case 1 -> Where.ANY.near(List.of(new Near(Near.What.NODE, "node0", 20)));
          case 2 -> Where.ANY.near(List.of(new Near(Near.What.GROUP, "g0", 20)));
          default -> Where.ANY;
        };
    Demand demand =
        Demand.of(need, "process")
            .where(where)
            .image("image")
            .prefer(Preference.values()[random.nextInt(4)]);
    int group = random.nextInt(9);
    return Task.of(
            Things.task(number++),
            "app" + random.nextInt(3),
            10 * (1 + random.nextInt(9)),
            now,
            demand)
        .onPreempt(OnPreempt.values()[random.nextInt(3)])
        .group(group < 3 ? new Group("g" + group, Group.Layout.values()[group]) : null);
  }
}
