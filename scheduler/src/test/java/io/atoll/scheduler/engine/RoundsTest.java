package io.atoll.scheduler.engine;

import static io.atoll.scheduler.engine.Things.GI;
import static io.atoll.scheduler.engine.Things.cores;
import static io.atoll.scheduler.engine.Things.cpus;
import static io.atoll.scheduler.engine.Things.peer;
import static io.atoll.scheduler.engine.Things.provider;
import static io.atoll.scheduler.engine.Things.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Leave;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Way;
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
import io.atoll.scheduler.model.Task.Sleep;
import io.atoll.scheduler.model.Traits;
import io.atoll.scheduler.model.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final Cluster cluster = new Cluster(Policy.DEFAULT);
  private long now = 1_000_000;

  private List<Decision> decide() {
    return Rounds.decide(cluster, now, 1_000).decisions();
  }

  private Decision.Place only(List<Decision> decisions) {
    assertThat(decisions).hasSize(1);
    return (Place) decisions.getFirst();
  }

  private Held held(int number) {
    return Objects.requireNonNull(cluster.held(task(number)));
  }

  /// Submits and places.
  private Place run(Task task) {
    cluster.submit(task);
    return only(decide());
  }

  private static Victim asleep(int number) {
    return new Victim(task(number), Way.SUSPEND);
  }

  @Test
  void anUrgentTaskSuspendsTheLeastAdvancedOfTheLower() {
    cluster.put(provider(1, 4));
    run(task(1, 10, now, cpus(2)));
    now += 5_000;
    run(task(2, 10, now, cpus(2)));
    now += 5_000;

    assertThat(run(task(3, 90, now, cpus(2))))
        .isEqualTo(new Place(task(3), peer(1), List.of(asleep(2))));
    assertThat(held(2).state()).isEqualTo(State.SLEEPING);
    assertThat(held(2).ran(now)).isEqualTo(5_000);
  }

  @Test
  void oneVictimIsBetterThanTwoAndTheUnimportantBetterThanTheYoung() {
    cluster.put(provider(1, 4));
    cluster.put(provider(2, 4));
    run(task(1, 10, now, cpus(2)));
    run(task(2, 10, now, cpus(2)));
    now += 1_000;
    run(task(3, 50, now, cpus(4)));

    now += 1_000;
    assertThat(run(task(4, 90, now, cpus(4))).victims()).containsExactly(asleep(3));
    now += 1_000;
    assertThat(run(task(5, 20, now, cpus(2))).victims()).hasSize(1);
  }

  @Test
  void theSuspendedGoOnByThemselvesAndTheirTimeStoodStill() {
    cluster.put(provider(1, 2));
    run(task(1, 10, now, cpus(2)));
    now += 7_000;
    run(task(2, 90, now, cpus(2)));
    now += 60_000;
    assertThat(held(1).ran(now)).isEqualTo(7_000);
    cluster.forget(task(2), now);

    assertThat(decide()).containsExactly(new Resume(task(1), peer(1), List.of()));
    now += 1_000;
    assertThat(held(1).ran(now)).isEqualTo(8_000);
  }

  @Test
  void whatKeepsItsPlaceIsNotDrivenOutAndEqualsAreNot() {
    cluster.put(provider(1, 2));
    run(task(1, 10, now, cpus(2)).onPreempt(OnPreempt.NEVER));
    cluster.submit(task(2, 100, now, cpus(2)));
    assertThat(decide()).isEmpty();

    cluster.put(provider(3, 2));
    assertThat(decide()).hasSize(1);
    cluster.submit(task(4, 100, now, cpus(2)));
    assertThat(decide()).isEmpty();
  }

  @Test
  void whatCannotBeSuspendedIsStoppedAndGoesElsewhere() {
    cluster.put(
        Provider.of(peer(1), "node1", cores(2), Things.PLAIN.suspending(Set.of(), Set.of())));
    run(task(1, 10, now, cpus(2)));
    cluster.submit(task(2, 90, now, cpus(2)));

    assertThat(decide())
        .containsExactly(
            new Place(task(2), peer(1), List.of(new Victim(task(1), Way.STOP_AND_REQUEUE))));
    assertThat(cluster.knows(task(1))).isFalse();
    cluster.put(provider(3, 2));
    assertThat(run(task(1, 10, now, cpus(2)))).isEqualTo(new Place(task(1), peer(3), List.of()));
  }

  @Test
  void memoryOfTheSuspendedIsTheirsUnlessTheyGiveItBack() {
    Resources half = new Resources(1000, 5 * GI, 0);
    cluster.put(provider(1, 2));
    run(task(1, 10, now, half));
    cluster.submit(task(2, 90, now, half));
    assertThat(decide()).isEmpty();
    cluster.forget(task(1), now);
    cluster.forget(task(2), now);

    run(task(3, 10, now, half).sleep(Sleep.FREES_MEMORY));
    assertThat(run(task(4, 90, now, half)).victims())
        .containsExactly(new Victim(task(3), Way.SUSPEND_DEEP));
    assertThat(held(3).state()).isEqualTo(State.DEEP);
    cluster.forget(task(4), now);
    assertThat(decide()).containsExactly(new Resume(task(3), peer(1), List.of()));
  }

  @Test
  void anOwnersPauseEndsWhenTheOwnerSays() {
    cluster.put(provider(1, 2));
    run(task(1, 10, now, cpus(2)));
    cluster.park(task(1), now);
    assertThat(decide()).isEmpty();
    run(task(2, 5, now, cpus(2)));
    cluster.unpark(task(1));
    assertThat(decide()).containsExactly(new Resume(task(1), peer(1), List.of(asleep(2))));
  }

  @Test
  void waitingWeighs() {
    cluster.put(provider(1, 1));
    run(task(1, 100, now, cpus(1)));
    cluster.submit(task(2, 10, now, cpus(1)));
    now += 41 * Policy.DEFAULT.ageStep();
    cluster.submit(task(3, 50, now, cpus(1)));
    cluster.forget(task(1), now);
    // It has grown to 51, and keeps that for a quantum.
    assertThat(only(decide()).task()).isEqualTo(task(2));
    assertThat(held(2).level()).isEqualTo(51);
    now += Policy.DEFAULT.quantum();
    assertThat(only(decide())).isEqualTo(new Place(task(3), peer(1), List.of(asleep(2))));
  }

  @Test
  void appsOfEqualPriorityShareFairly() {
    cluster.put(provider(1, 10));
    for (int i = 0; i < 100; i++) {
      cluster.submit(Task.of(task(i), "greedy", 50, now, Demand.of(cpus(1), "process")));
    }
    for (int i = 100; i < 104; i++) {
      cluster.submit(Task.of(task(i), "modest", 50, now + 1, Demand.of(cpus(1), "process")));
    }
    List<Decision> first = decide();
    assertThat(first).hasSize(10);
    assertThat(first.stream().filter(d -> d.task().compareTo(task(100)) >= 0)).hasSize(4);
  }

  @Test
  void aLargeTaskGetsAProviderKeptFreeInTheEnd() {
    for (int i = 0; i < 20; i++) {
      cluster.put(provider(i, 4));
    }
    int number = 0;
    List<Integer> running = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      run(task(number, 50, now, cpus(1)));
      running.add(number++);
    }
    int large = number++;
    cluster.submit(task(large, 50, now, cpus(4)));
    // One small task ends and another comes, over and over: without a claim four never end at once.
    for (int i = 0; i < 2_000 && cluster.held(task(large)) == null; i++) {
      now += 60_000;
      cluster.submit(task(number, 50, now, cpus(1)));
      running.add(number++);
      cluster.forget(task(running.removeFirst()), now);
      decide();
    }
    assertThat(cluster.held(task(large))).isNotNull();
  }

  @Test
  void evenAloneAProviderIsKeptFree() {
    cluster.put(provider(1, 4));
    int number = 0;
    List<Integer> running = new ArrayList<>();
    for (; number < 4; number++) {
      run(task(number, 50, now, cpus(1)));
      running.add(number);
    }
    int large = 1_000;
    cluster.submit(task(large, 50, now, cpus(4)));
    for (int i = 0; i < 200 && cluster.held(task(large)) == null; i++) {
      now += 60_000;
      cluster.submit(task(number, 50, now, cpus(1)));
      running.add(number++);
      cluster.forget(task(running.removeFirst()), now);
      decide();
    }
    assertThat(cluster.held(task(large))).isNotNull();
  }

  @Test
  void aDrainedProviderIsLeftAndACordonedOneIsNot() {
    cluster.put(provider(1, 4));
    run(task(1, 50, now, cpus(1)));
    run(task(2, 50, now, cpus(1)).onPreempt(OnPreempt.NEVER));
    cluster.put(provider(2, 4).standing(Standing.CORDONED));
    cluster.put(provider(1, 4).standing(Standing.CORDONED));
    cluster.submit(task(3, 50, now, cpus(1)));
    assertThat(decide()).isEmpty();

    cluster.put(provider(1, 4).standing(Standing.DRAINING));
    cluster.put(provider(2, 4));
    assertThat(decide())
        .containsExactly(new Leave(task(1), peer(1)), new Place(task(3), peer(2), List.of()));
    assertThat(run(task(1, 50, now, cpus(1))).provider()).isEqualTo(peer(2));
    assertThat(held(2).provider()).isEqualTo(peer(1));
  }

  @Test
  void theSuspendedGoOnThoughTheirProviderIsKeptFree() {
    cluster.put(provider(1, 4));
    Resources wide = new Resources(1_000, 12 * GI, 0);
    run(task(1, 10, now, wide));
    run(task(2, 10, now, cpus(3)));
    run(task(3, 90, now, cpus(4)));
    assertThat(held(1).state()).isEqualTo(State.SLEEPING);
    cluster.submit(task(4, 10, now, cores(4)));
    now += 2 * Policy.DEFAULT.claimAfter();
    cluster.forget(task(2), now);
    decide();
    assertThat(cluster.snapshot().claims()).hasSize(1);
    cluster.forget(task(3), now);
    assertThat(decide()).containsExactly(new Resume(task(1), peer(1), List.of()));
  }

  @Test
  void thoseThatGoTogetherGoWhereAllCanGo() {
    cluster.put(provider(1, 8));
    cluster.put(
        Provider.of(peer(2), "node2", cores(8), Traits.of("amd64", Set.of("process", "docker"))));
    Group pair = new Group("pair", Group.Layout.TOGETHER);
    cluster.submit(task(1, 50, now, cpus(1)).group(pair));
    Demand other = Demand.of(cpus(1), "docker");
    cluster.submit(Task.of(task(2), "app", 50, now, other).group(pair));
    assertThat(decide()).extracting(d -> ((Place) d).provider()).containsOnly(peer(2)).hasSize(2);
  }

  @Test
  void groupsGoTogetherOrApart() {
    cluster.put(provider(1, 2));
    cluster.put(provider(2, 6));
    Group together = new Group("pair", Group.Layout.TOGETHER);
    cluster.submit(task(1, 50, now, cpus(2)).group(together));
    cluster.submit(task(2, 50, now, cpus(1)).group(together));
    // Best fit for the first alone would be the small one.
    assertThat(decide()).extracting(d -> ((Place) d).provider()).containsOnly(peer(2)).hasSize(2);

    Group apart = new Group("copies", Group.Layout.APART);
    for (int i = 3; i < 6; i++) {
      cluster.submit(task(i, 50, now, cpus(1)).group(apart));
    }
    assertThat(decide())
        .extracting(d -> ((Place) d).provider())
        .containsExactlyInAnyOrder(peer(1), peer(2));
    assertThat(cluster.waiting()).isEqualTo(1);
  }

  @Test
  void nearToANodeAndToAGroup() {
    cluster.put(provider(1, 4));
    cluster.put(provider(2, 4));
    cluster.put(provider(3, 4));
    cluster.measured(peer(1), peer(2), 5);
    cluster.measured(peer(1), peer(3), 80);
    Where near = Where.ANY.near(List.of(new Near(Near.What.NODE, "node3", 100)));
    Demand demand = Demand.of(cpus(4), "process");
    cluster.submit(Task.of(task(1), "a", 50, now, demand.where(near.node("node1"))).group(null));
    assertThat(only(decide()).provider()).isEqualTo(peer(1));

    Group group = new Group("g", Group.Layout.APART);
    cluster.forget(task(1), now);
    cluster.submit(
        Task.of(task(2), "a", 50, now, demand.where(Where.ANY.node("node1"))).group(group));
    decide();
    Where close = Where.ANY.near(List.of(new Near(Near.What.GROUP, "g", 10)));
    cluster.submit(Task.of(task(3), "a", 50, now, demand.where(close)).group(group));
    assertThat(only(decide()).provider()).isEqualTo(peer(2));
    cluster.submit(Task.of(task(4), "a", 50, now, demand.where(close)).group(group));
    assertThat(decide()).isEmpty();
    cluster.measured(peer(1), peer(3), 9);
    cluster.measured(peer(2), peer(3), 9);
    assertThat(only(decide()).provider()).isEqualTo(peer(3));
  }

  @Test
  void thePreferenceChooses() {
    cluster.put(provider(1, 2).price(9));
    cluster.put(provider(2, 8).price(5));
    cluster.put(provider(3, 4).price(7).images(Set.of("sha256:a")));
    Demand demand = Demand.of(cpus(1), "process");
    assertThat(prefers(1, demand)).isEqualTo(1);
    assertThat(prefers(2, demand.prefer(Preference.SPREAD))).isEqualTo(2);
    assertThat(prefers(3, demand.prefer(Preference.CHEAP))).isEqualTo(2);
    assertThat(prefers(4, demand.prefer(Preference.LOCAL).image("sha256:a"))).isEqualTo(3);
  }

  private int prefers(int number, Demand demand) {
    cluster.submit(Task.of(task(number), "a", 50, now, demand));
    var place = only(decide());
    cluster.forget(task(number), now);
    return List.of(peer(1), peer(2), peer(3)).indexOf(place.provider()) + 1;
  }

  @Test
  void constraintsAreKept() {
    cluster.put(provider(1, 4));
    var traits =
        Traits.of("arm64", Set.of("docker"))
            .labelled(Map.of("gpu", "a100"), "eu", Set.of("friends"));
    cluster.put(Provider.of(peer(2), "node2", cores(4), traits).price(10));
    int number = 10;
    for (Demand demand :
        List.of(
            Demand.of(cpus(1), "docker"),
            Demand.of(cpus(1), "docker").where(Where.ANY.arch("arm64")),
            Demand.of(cpus(1), "docker").where(Where.ANY.labels(Map.of("gpu", "a100"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.locations(Set.of("eu", "us"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.trust(Set.of("friends", "me"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.maxPrice(10)))) {
      cluster.submit(Task.of(task(number), "a", 50, now, demand));
      assertThat(only(decide()).provider()).isEqualTo(peer(2));
      cluster.forget(task(number++), now);
    }
    for (Demand demand :
        List.of(
            Demand.of(cpus(1), "vm"),
            Demand.of(cpus(1), "docker").where(Where.ANY.arch("amd64")),
            Demand.of(cpus(1), "docker").where(Where.ANY.labels(Map.of("gpu", "h100"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.locations(Set.of("us"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.trust(Set.of("me"))),
            Demand.of(cpus(1), "docker").where(Where.ANY.avoid(Set.of(peer(2)))),
            Demand.of(cpus(1), "docker").where(Where.ANY.maxPrice(9)))) {
      cluster.submit(Task.of(task(number), "a", 50, now, demand));
      assertThat(decide()).as("%s", demand).isEmpty();
      cluster.forget(task(number++), now);
    }
  }

  @Test
  void theLimitIsKeptAndTheRestFollows() {
    cluster.put(provider(1, 10));
    for (int i = 0; i < 10; i++) {
      cluster.submit(task(i, 50, now, cpus(1)));
    }
    Rounds.Round first = Rounds.decide(cluster, now, 4);
    assertThat(first.decisions()).hasSize(4);
    assertThat(first.more()).isTrue();
    Rounds.Round rest = Rounds.decide(cluster, now, 100);
    assertThat(rest.decisions()).hasSize(6);
    assertThat(rest.more()).isFalse();
  }
}
