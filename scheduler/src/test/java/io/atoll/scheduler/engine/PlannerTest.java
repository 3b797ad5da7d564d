package io.atoll.scheduler.engine;

import static io.atoll.scheduler.engine.Things.cpus;
import static io.atoll.scheduler.engine.Things.peer;
import static io.atoll.scheduler.engine.Things.provider;
import static io.atoll.scheduler.engine.Things.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Refuse;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Wait;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Snapshot;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private final Cluster cluster = new Cluster(Policy.DEFAULT);

  private void run(Task task, long now) {
    cluster.submit(task);
    assertThat(Rounds.decide(cluster, now, 10).decisions()).hasSize(1);
  }

  @Test
  void namesPlaceAndVictimsAndSaysWhoIsStopped() {
    cluster.put(provider(1, 2));
    run(task(1, 10, 0, cpus(2)).onPreempt(OnPreempt.STOP_AND_REQUEUE), 0);
    assertThat(Planner.plan(cluster, task(2, 50, 1, cpus(1)), 1))
        .isEqualTo(new Place(task(2), peer(1), List.of(new Victim(task(1), Way.STOP_AND_REQUEUE))));
  }

  @Test
  void saysHowLongItWaits() {
    cluster.put(provider(1, 2));
    run(task(1, 50, 0, cpus(1)).expected(60_000), 0);
    run(task(2, 50, 0, cpus(1)).expected(20_000), 0);
    assertThat(Planner.plan(cluster, task(3, 50, 5_000, cpus(1)), 5_000))
        .isEqualTo(new Wait(task(3), OptionalLong.of(15_000), 0));
    assertThat(Planner.plan(cluster, task(3, 50, 5_000, cpus(2)), 5_000))
        .isEqualTo(new Wait(task(3), OptionalLong.of(55_000), 0));
  }

  @Test
  void saysNothingWhereNothingIsKnownAndHowManyAreAhead() {
    cluster.put(provider(1, 1));
    run(task(1, 50, 0, cpus(1)), 0);
    cluster.submit(task(2, 50, 1, cpus(1)));
    assertThat(Planner.plan(cluster, task(3, 50, 2, cpus(1)), 2))
        .isEqualTo(new Wait(task(3), OptionalLong.empty(), 1));
  }

  @Test
  void refusesWhatFitsNowhereEver() {
    cluster.put(provider(1, 2));
    Decision decision = Planner.plan(cluster, task(1, 50, 0, cpus(3)), 0);
    assertThat(decision).isInstanceOf(Refuse.class);
    assertThat(((Refuse) decision).reason()).isEqualTo("it asks for more than any node has");
  }

  /// What a plan says of a task that comes next is what happens to it; and asking changes
  /// nothing.
  @Test
  void isWhatHappens() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("plans from seed " + seed);
    Random random = new Random(seed);
    int placed = 0;
    for (int round = 0; round < 200; round++) {
      Cluster pool = new Cluster(Policy.DEFAULT);
      for (int i = 0; i < 4; i++) {
        pool.put(provider(i, 1 + random.nextInt(4)));
      }
      for (int i = 0; i < 12; i++) {
        int priority = 10 * (1 + random.nextInt(9));
        Task task = task(i, priority, i, cpus(1 + random.nextInt(2)));
        Snapshot before = pool.snapshot();
        Decision plan = Planner.plan(pool, task, i);
        assertThat(pool.snapshot()).isEqualTo(before);
        pool.submit(task);
        List<Decision> decisions =
            Rounds.decide(pool, i, 100).decisions().stream()
                .filter(decision -> decision.task().equals(task.id()))
                .toList();
        if (plan instanceof Place) {
          placed++;
          assertThat(decisions).as("seed %d", seed).first().isEqualTo(plan);
        } else {
          assertThat(decisions).as("seed %d", seed).isEmpty();
        }
      }
    }
    assertThat(placed).isGreaterThan(500);
  }
}
