package io.atoll.scheduler.engine;

import static io.atoll.scheduler.engine.Things.GI;
import static io.atoll.scheduler.engine.Things.cores;
import static io.atoll.scheduler.engine.Things.cpus;
import static io.atoll.scheduler.engine.Things.peer;
import static io.atoll.scheduler.engine.Things.provider;
import static io.atoll.scheduler.engine.Things.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Demand.Right;
import io.atoll.scheduler.model.Group;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Near;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Snapshot;
import io.atoll.scheduler.model.Standing;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import io.atoll.scheduler.model.Traits;
import io.atoll.scheduler.model.Where;
import io.atoll.scheduler.model.Why;
import io.atoll.scheduler.model.Why.Kind;
import io.atoll.scheduler.model.Why.Node;
import io.atoll.scheduler.model.Why.Reason;
import io.atoll.scheduler.model.Why.Suggestion;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WhyTest {
  private static final Policy POLICY = Policy.DEFAULT;
  private final Cluster cluster = new Cluster(POLICY);

  private Why why(Task task) {
    return WhyNot.of(cluster, task, TaskId::text);
  }

  private static List<String> texts(Node node) {
    return node.reasons().stream().map(Reason::text).toList();
  }

  @Test
  void saysWhatEachNodeLacks() {
    cluster.put(provider(1, 2));
    cluster.put(provider(2, 8).standing(Standing.LOST));
    Demand demand = Demand.of(cores(4), "process").rights(Set.of(Right.EGRESS));
    Why why = why(Task.of(task(1), "a", 50, 0, demand));
    assertThat(why.summary())
        .isEqualTo(
            "no node can take it now; nearest is node1: it has 2 cpus and 8Gi of memory in all");
    assertThat(why.change())
        .isEqualTo("bring node2 back, or --cpus 2 (asked: 4), --memory 8Gi (asked: 16Gi)");
    assertThat(why.nodes()).extracting(Node::name).containsExactly("node1", "node2");
    assertThat(texts(why.nodes().getLast())).containsExactly("it is silent");
    assertThat(why(Task.of(task(1), "a", 50, 0, demand.driver("vm"))).summary())
        .isEqualTo("no node offers driver vm");
    cluster.remove(peer(2));
    assertThat(why(Task.of(task(1), "a", 50, 0, demand)).summary())
        .isEqualTo("it asks for more than any node has");
    cluster.remove(peer(1));
    assertThat(why(Task.of(task(1), "a", 50, 0, demand)).change()).contains("atoll invite create");
  }

  @Test
  void whoeverIsBusyIsWaitedFor() {
    cluster.put(provider(1, 4));
    cluster.submit(task(1, 50, 0, cpus(3)));
    Rounds.decide(cluster, 0, 10);
    Why why = WhyNot.of(cluster, task(2, 50, 1, cpus(2)), id -> "large");
    assertThat(texts(why.nodes().getFirst())).containsExactly("it has 1 cpus free");
    assertThat(why.change()).isEqualTo("wait for large to finish, or --cpus 1 (asked: 2)");
    assertThat(why(task(2, 60, 1, cpus(2))).summary()).isEqualTo("it is about to be placed");
  }

  @Test
  void aSizeThatIsSuggestedCanBeTypedAndFits() {
    Resources odd = new Resources(1234, 12_345_678_901L, 0);
    cluster.put(Provider.of(peer(1), "a", odd, Things.PLAIN));
    assertThat(why(task(1, 50, 0, new Resources(2000, 99_000_000_000L, 0))).change())
        .startsWith("--cpus 1.234 (asked: 2), --memory 11Gi (asked: ");
  }

  /// The smallest change makes it fit, and half of it does not: over random tasks that fit
  /// nowhere.
  @Test
  void theSmallestChangeIsEnoughAndTheSmallest() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int tasks = Integer.getInteger("atoll.fuzz.rounds", 1_000);
    System.out.println("why: " + tasks + " tasks from seed " + seed);
    Random random = new Random(seed);
    Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    int now = 0;
    int ever = 0;
    for (int i = 0; i < tasks; ) {
      Cluster busy = pool(random);
      Task task = picky(random);
      if (Planner.plan(busy, task, 100) instanceof Place) {
        continue;
      }
      i++;
      Why why = WhyNot.of(busy, task, TaskId::text);
      if (why.now().isPresent()) {
        now++;
        prove(busy, task, why.now().get(), seed);
        count(why.now().get(), why, kinds);
      }
      Cluster idle = idle(busy);
      if (why.ever().isPresent()) {
        ever++;
        prove(idle, task, why.ever().get(), seed);
        count(why.ever().get(), why, kinds);
      } else {
        assertThat(Planner.plan(idle, task, 100)).as("seed %d", seed).isInstanceOf(Place.class);
      }
    }
    System.out.println("why: " + now + " now, " + ever + " ever, " + kinds);
    assertThat(now).isGreaterThan(tasks / 2);
    assertThat(kinds.values().stream().filter(count -> count > tasks / 100)).hasSizeGreaterThan(8);
  }

  private static void prove(Cluster cluster, Task task, Suggestion change, long seed) {
    assertThat(Planner.plan(cluster, change.apply(task), 100))
        .as("seed %d: %s with %s", seed, task, change)
        .isInstanceOf(Place.class);
    assertThat(Planner.plan(cluster, change.halved().apply(task), 100))
        .as("seed %d: %s with half of %s", seed, task, change)
        .isNotInstanceOf(Place.class);
  }

  private static void count(Suggestion change, Why why, Map<Kind, Integer> kinds) {
    for (Node node : why.nodes()) {
      if (node.id().equals(change.provider())) {
        node.reasons().forEach(reason -> kinds.merge(reason.kind(), 1, Integer::sum));
      }
    }
  }

  /// Providers of all sorts with tasks on them; at least one takes tasks.
  private static Cluster pool(Random random) {
    Cluster cluster = new Cluster(POLICY);
    int providers = 1 + random.nextInt(5);
    for (int i = 0; i < providers; i++) {
      boolean half = random.nextBoolean();
      Traits traits =
          new Traits(
              random.nextBoolean() ? "amd64" : "arm64",
              half ? Set.of("process") : Set.of("process", "docker"),
              random.nextInt(4) == 0 ? Set.of("process") : Set.of("process", "docker"),
              Set.of("docker"),
              Set.of(),
              random.nextBoolean() ? Set.of("process") : Set.of(),
              random.nextBoolean(),
              random.nextBoolean(),
              random.nextBoolean() ? Map.of("gpu", "a100", "disk", "ssd") : Map.of("disk", "ssd"),
              random.nextInt(3) == 0 ? "" : random.nextBoolean() ? "eu" : "us",
              random.nextBoolean() ? Set.of("friends") : Set.of());
      Resources total =
          new Resources(
              500 + random.nextInt(8_000), GI + random.nextInt(1 << 30), random.nextInt(10_000));
      cluster.put(
          Provider.of(peer(i), "node" + i, total, traits)
              .price(random.nextInt(100))
              .standing(
                  i > 0 && random.nextInt(4) == 0
                      ? Standing.values()[random.nextInt(6)]
                      : Standing.READY));
      for (int other = 0; other < i; other++) {
        if (random.nextBoolean()) {
          cluster.measured(peer(i), peer(other), random.nextInt(200));
        }
      }
    }
    for (int i = 100; i < 100 + 3 * providers; i++) {
      Resources need =
          new Resources(100 + random.nextInt(3_000), random.nextInt(1 << 29), random.nextInt(99));
      Task task =
          task(i, 10 * (1 + random.nextInt(9)), 0, need)
              .onPreempt(OnPreempt.values()[random.nextInt(3)]);
      cluster.submit(random.nextInt(3) == 0 ? task.group(group(random)) : task);
    }
    Rounds.decide(cluster, 50, 1_000);
    return cluster;
  }

  /// The same providers with nothing to do. Where members of groups are stays.
  private static Cluster idle(Cluster busy) {
    Snapshot all = busy.snapshot();
    Cluster idle = new Cluster(POLICY);
    all.providers().forEach(idle::put);
    all.roundTrips().forEach(trip -> idle.measured(trip.one(), trip.other(), trip.millis()));
    for (Held held : all.held()) {
      Task task = held.task();
      if (task.group() != null) {
        Task light = task.demand(task.demand().resources(Resources.NONE));
        idle.adopt(Held.running(light, held.provider(), 0));
      }
    }
    all.waiting().stream().filter(task -> task.group() != null).forEach(idle::submit);
    return idle;
  }

  private static Group group(Random random) {
    Group.Layout layout = Group.Layout.values()[random.nextInt(3)];
    return new Group("of-" + layout, layout);
  }

  private static Task picky(Random random) {
    Where where = Where.ANY;
    for (int i = random.nextInt(4); i >= 0; i--) {
      where =
          switch (random.nextInt(9)) {
            case 0 -> where.arch(random.nextBoolean() ? "arm64" : "riscv64");
            case 1 -> where.labels(Map.of("gpu", "h100", "disk", "nvme", "rack", "7"));
            case 2 -> where.locations(Set.of("asia"));
            case 3 -> where.trust(Set.of("me"));
            case 4 -> where.node("node" + random.nextInt(3));
            case 5 -> where.avoid(Set.of(peer(random.nextInt(3)), peer(3)));
            case 6 -> where.maxPrice(random.nextInt(40));
            case 7 -> where.near(List.of(new Near(Near.What.NODE, "node0", random.nextInt(100))));
            default -> where;
          };
    }
    Resources need =
        new Resources(
            100 + random.nextInt(12_000),
            1 + Math.abs(random.nextLong()) % (3 * GI),
            random.nextInt(12_000));
    Demand demand =
        Demand.of(need, random.nextInt(3) == 0 ? "docker" : random.nextBoolean() ? "vm" : "process")
            .where(where)
            .rights(random.nextBoolean() ? Set.of() : Set.of(Right.values()[random.nextInt(3)]));
    Task task = Task.of(task(1), "app", 10 * (1 + random.nextInt(9)), 90, demand);
    return random.nextInt(4) == 0 ? task.group(group(random)) : task;
  }
}
