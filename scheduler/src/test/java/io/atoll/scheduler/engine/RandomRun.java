package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Demand.Preference;
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
import java.util.Random;
import java.util.Set;

/// A small pool with a random life: tasks come and end, providers come, go and close. Each
/// decision is judged, and made a second time from a snapshot.
final class RandomRun {
  private final Random random;
  private final Bug bug;

  /// Whether the scheduler sees what `World` counted, and not its own index.
  private final boolean told;

  private final Policy policy;
  private final World world = new World();
  private Cluster cluster;
  private long now = 1_000;
  private int number;

  /// What came of it.
  ///
  /// @param broken the first rule that was broken; empty = none
  record Outcome(String broken, int suspended, int resumed, int stopped) {}

  private RandomRun(long seed, Bug bug, boolean told) {
    this.random = new Random(seed);
    this.bug = bug;
    this.told = told;
    long step = random.nextBoolean() ? 15 : 1_000_000;
    this.policy = new Policy(seed, step, 40, 1_000_000, 0, 512);
    this.cluster = new Cluster(policy);
  }

  static Outcome of(long seed) {
    return of(new RandomRun(seed, Bug.NONE, false));
  }

  /// With a bug, or none, in what `World` tells and is told.
  static Outcome of(long seed, Bug bug) {
    return of(new RandomRun(seed, bug, true));
  }

  private static Outcome of(RandomRun run) {
    String broken = run.live();
    return new Outcome(broken, run.world.suspended, run.world.resumed, run.world.stopped);
  }

  private String live() {
    int nodes = 1 + random.nextInt(4);
    for (int i = 0; i < nodes; i++) {
      put(newProvider());
    }
    for (int event = 0; event < 50; event++) {
      now += random.nextInt(10);
      happen();
      if (random.nextInt(3) > 0) {
        String broken = decide();
        if (!broken.isEmpty()) {
          return broken + " (event " + event + ")";
        }
      }
    }
    return windDown();
  }

  private void happen() {
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4, 5 -> submit();
      case 6, 7, 8, 9 -> end();
      case 10 -> {
        if (random.nextInt(4) == 0) {
          put(newProvider());
        }
      }
      default -> change();
    }
  }

  /// Everything ends as soon as it runs: so everything must get its turn.
  private String windDown() {
    for (Provider provider : List.copyOf(world.providers.values())) {
      put(provider.standing(Standing.READY));
    }
    world.tasks.values().stream()
        .filter(
            one ->
                one.at == null
                    && world.providers.values().stream()
                        .noneMatch(
                            provider ->
                                world.suits(one.task, provider)
                                    && one.task.demand().resources().fitsIn(provider.total())))
        .map(one -> one.task.id())
        .toList()
        .forEach(this::forget);
    int rounds = 2 * world.tasks.size() + 5;
    for (int i = 0; !world.tasks.isEmpty(); i++) {
      if (i > rounds) {
        return "starved: " + world.tasks.keySet();
      }
      now += 5;
      String broken = decide();
      if (!broken.isEmpty()) {
        return broken;
      }
      world.tasks.values().stream()
          .filter(World.One::runs)
          .map(one -> one.task.id())
          .toList()
          .forEach(this::forget);
    }
    return "";
  }

  private String decide() {
    world.at(now);
    String broken = round();
    while (broken.isEmpty() && !world.ended.isEmpty()) {
      if (!told) {
        world.ended.forEach(cluster::submit);
      }
      world.ended.clear();
      broken = round();
    }
    if (broken.isEmpty()) {
      world.nobodyWaitsInVain(now);
    }
    return world.broken.isEmpty() ? broken : world.broken.getFirst();
  }

  private String round() {
    if (told) {
      cluster = Cluster.of(bug.seen(world.snapshot()), policy);
    }
    List<Decision> again = Rounds.decide(cluster.snapshot(), policy, now, 1_000).decisions();
    List<Decision> decisions = Rounds.decide(cluster, now, 1_000).decisions();
    if (!decisions.equals(again)) {
      return "the index decides " + decisions + ", its snapshot " + again;
    }
    world.judgeAndApply(bug.made(decisions, world), now, policy.ageStep(), policy.quantum());
    return world.broken.isEmpty() ? "" : world.broken.getFirst();
  }

  private Provider newProvider() {
    int one = number++;
    Traits traits =
        switch (random.nextInt(4)) {
          case 0 -> Traits.of("amd64", Set.of("process", "docker"));
          case 1 ->
              Traits.of("amd64", Set.of("process", "docker"))
                  .suspending(Set.of("docker"), Set.of());
          default -> Things.PLAIN;
        };
    Resources total = new Resources(1 + random.nextInt(8), 2 + random.nextInt(12), 5);
    return Provider.of(Things.peer(one), "node" + one, total, traits);
  }

  private void put(Provider provider) {
    world.providers.put(provider.id(), provider);
    cluster.put(provider);
  }

  private void change() {
    List<PeerId> ids = List.copyOf(world.providers.keySet());
    PeerId id = ids.get(random.nextInt(ids.size()));
    Provider provider = world.providers.get(id);
    switch (random.nextInt(5)) {
      case 0 -> put(provider.standing(Standing.CORDONED));
      case 1 -> put(provider.standing(Standing.DRAINING));
      case 2, 3 -> put(provider.standing(Standing.READY));
      default -> {
        if (ids.size() > 1) {
          cluster.remove(id);
          world.providers.remove(id);
          world.tasks.values().removeIf(one -> id.equals(one.at));
        }
      }
    }
  }

  private void submit() {
    Resources need =
        new Resources(1 + random.nextInt(4), 1 + random.nextInt(4), random.nextInt(3) / 2);
    Demand demand =
        Demand.of(need, random.nextInt(4) == 0 ? "docker" : "process")
            .prefer(Preference.values()[random.nextInt(4)]);
    if (random.nextInt(8) == 0) {
      demand = demand.where(Where.ANY.node("node" + random.nextInt(number)));
    }
    Task task =
        Task.of(
                Things.task(number++),
                "app" + random.nextInt(3),
                20 * (1 + random.nextInt(5)),
                now,
                demand)
            .onPreempt(OnPreempt.values()[Math.max(0, random.nextInt(6) - 3)])
            .sleep(random.nextBoolean() ? Sleep.KEEPS_MEMORY : Sleep.FREES_MEMORY);
    world.tasks.put(task.id(), new World.One(task));
    cluster.submit(task);
  }

  private void end() {
    List<World.One> some = new ArrayList<>(world.tasks.values());
    if (!some.isEmpty()) {
      World.One one = some.get(random.nextInt(some.size()));
      if (one.runs() || random.nextInt(5) == 0) {
        forget(one.task.id());
      }
    }
  }

  private void forget(TaskId id) {
    world.tasks.remove(id);
    if (!told) {
      cluster.forget(id, now);
    }
  }
}
