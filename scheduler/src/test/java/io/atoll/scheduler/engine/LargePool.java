package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Leave;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Refuse;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Wait;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Standing;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import io.atoll.scheduler.model.Task.Sleep;
import io.atoll.scheduler.model.Traits;
import io.atoll.scheduler.model.Where;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/// Many providers and tasks in virtual time, some seconds at a time: providers fall silent and
/// come back, reports are late, lost and doubled, the scheduler is lost and made again from a
/// snapshot. What is on each provider is counted here as well, and more than it has fails at
/// once.
final class LargePool {
  private static final String[] ARCHS = {"amd64", "amd64", "amd64", "arm64"};
  private static final String[] LOCATIONS = {"eu", "us", "asia", ""};
  private static final int[] PRIORITIES = {10, 10, 10, 10, 30, 30, 30, 50, 50, 70, 90};
  private static final int SHAPES = 12;
  private static final long STEP = 5_000;

  /// A report that a task has ended, as of one of its runs.
  private record Report(long at, int task, int run) {}

  /// What came of it.
  record Outcome(
      long seconds,
      int placed,
      int suspended,
      int stopped,
      int lost,
      int stale,
      int longestLine,
      long hash) {}

  private final Random random;
  private final Policy policy;
  private final int tasks;
  private final double perSecond;
  private final List<Provider> providers = new ArrayList<>();
  private final Map<PeerId, Integer> numbers = new HashMap<>();
  private final Demand[] demands;
  private final long[][] free;
  private final boolean[] silent;

  /// When something is next to happen to a silent provider, and which: see `churn`.
  private final PriorityQueue<Long> due = new PriorityQueue<>();

  /// By task: how long it still has to run, which run it is in, where, since when; -1 =
  /// nowhere.
  private final Task[] known;

  private final int[] left;

  private final short[] run;
  private final short[] at;
  private final int[] since;
  private final boolean[] asleep;
  private final PriorityQueue<Report> reports =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Integer.compare(a.task, b.task));
  /// Stopped for others, and about to end.
  private final List<Task> again = new ArrayList<>();

  private Cluster cluster;
  private long now;
  private int submitted;
  private int ended;
  private int placed;
  private int suspended;
  private int stopped;
  private int lost;
  private int stale;
  private int longestLine;
  private long hash = 17;

  LargePool(long seed, int providers, int tasks) {
    this.random = new Random(seed);
    this.policy = new Policy(seed, 600_000, 600_000, 1_800_000, 5, 64);
    this.cluster = new Cluster(policy);
    this.tasks = tasks;
    this.perSecond = providers / 40.0;
    this.demands = new Demand[SHAPES];
    for (int i = 0; i < SHAPES; i++) {
      demands[i] = demand();
    }
    this.free = new long[providers][];
    this.silent = new boolean[providers];
    for (int i = 0; i < providers; i++) {
      Provider provider = provider(i);
      this.providers.add(provider);
      numbers.put(provider.id(), i);
      join(i);
    }
    this.known = new Task[tasks];
    this.left = new int[tasks];
    this.run = new short[tasks];
    this.at = new short[tasks];
    this.since = new int[tasks];
    this.asleep = new boolean[tasks];
  }

  Outcome live() {
    while (ended < tasks) {
      now += STEP;
      if (now > 10 * 86_400_000L) {
        throw new AssertionError("starved: " + (tasks - ended) + " tasks");
      }
      again.forEach(cluster::submit);
      again.clear();
      arrive();
      churn();
      report();
      decide();
      if (now % 1_000_000 == 0) {
        cluster = Cluster.of(cluster.snapshot(), policy);
      }
      if (now % 500_000 == 0) {
        nobodyWaitsInVain();
      }
      longestLine = Math.max(longestLine, cluster.waiting());
    }
    return new Outcome(now / 1000, placed, suspended, stopped, lost, stale, longestLine, hash);
  }

  private void arrive() {
    int until = (int) Math.min(tasks, (long) (now / 1000 * perSecond));
    for (; submitted < until; submitted++) {
      left[submitted] = 60_000 + random.nextInt(1_000_000);
      at[submitted] = -1;
      Task task =
          Task.of(
                  Things.task(submitted),
                  "app" + random.nextInt(20),
                  PRIORITIES[random.nextInt(PRIORITIES.length)],
                  now,
                  demands[random.nextInt(SHAPES)])
              .onPreempt(OnPreempt.values()[Math.max(0, random.nextInt(12) - 9)])
              .sleep(random.nextInt(4) == 0 ? Sleep.FREES_MEMORY : Sleep.KEEPS_MEMORY);
      known[submitted] = task;
      cluster.submit(task);
    }
  }

  /// Each second one of 2,000 falls silent. What runs there runs on; after 15 s it is heard
  /// again, or given up with all that, until it comes back.
  private void churn() {
    while (!due.isEmpty() && due.peek() >> 16 <= now) {
      int number = (int) (due.poll() & 0xffff);
      if (free[number] == null || random.nextBoolean()) {
        join(number);
      } else {
        giveUp(number);
        due.add((now + 60_000 + random.nextInt(600_000)) << 16 | number);
      }
    }
    int falls = (int) (providers.size() * STEP / 1_000 + random.nextInt(2_000)) / 2_000;
    for (int i = 0; i < falls; i++) {
      int number = random.nextInt(providers.size());
      if (!silent[number]) {
        silent[number] = true;
        cluster.put(providers.get(number).standing(Standing.SUSPECT));
        due.add((now + 15_000) << 16 | number);
      }
    }
  }

  private void giveUp(int number) {
    free[number] = null;
    for (Held held : cluster.remove(providers.get(number).id())) {
      int task = number(held.task().id().text());
      lost++;
      settle(task);
      asleep[task] = false;
      // Its report may still come, from a run that is over.
      at[task] = -1;
      run[task]++;
      cluster.submit(held.task());
    }
  }

  private void join(int number) {
    Provider provider = providers.get(number);
    Resources total = provider.total();
    if (free[number] == null) {
      free[number] = new long[] {total.cpuMillis(), total.memory(), total.disk()};
    }
    silent[number] = false;
    cluster.put(provider);
  }

  private void report() {
    while (!reports.isEmpty() && reports.peek().at <= now) {
      Report report = reports.poll();
      int task = report.task;
      if (run[task] != report.run) {
        stale++;
      } else if (silent[at[task]] || random.nextInt(50) == 0) {
        // Lost on its way, or late: it is said again.
        reports.add(new Report(now + 1_000 + random.nextInt(20_000), task, report.run));
      } else {
        take(task, 1);
        at[task] = -1;
        run[task]++;
        ended++;
        cluster.forget(known[task].id(), now);
        known[task] = null;
        if (random.nextInt(50) == 0) {
          reports.add(new Report(now + 5_000, task, report.run));
        }
      }
    }
  }

  private void decide() {
    for (Decision decision : Rounds.decide(cluster, now, 100_000).decisions()) {
      switch (decision) {
        case Place(var id, var provider, var victims) -> {
          int task = number(id.text());
          giveWay(victims, provider);
          hash = 31 * hash + task * 10_000L + numbers.get(provider);
          check(at[task] == -1, "placed twice", decision);
          at[task] = numbers.get(provider).shortValue();
          placed++;
          begin(task);
        }
        case Resume(var id, var provider, var victims) -> {
          int task = number(id.text());
          giveWay(victims, provider);
          hash = 37 * hash + task;
          check(asleep[task] && at[task] == numbers.get(provider), "resumed awake", decision);
          take(task, 1);
          begin(task);
        }
        case Leave leave -> check(false, "nothing drains", leave);
        case Wait wait -> check(false, "nothing to do", wait);
        case Refuse refuse -> check(false, "nothing to do", refuse);
      }
    }
  }

  private void giveWay(List<Victim> victims, PeerId provider) {
    for (Victim victim : victims) {
      int task = number(victim.task().text());
      check(at[task] == numbers.get(provider) && !asleep[task], "not there", victim);
      hash = 41 * hash + task;
      settle(task);
      take(task, 1);
      run[task]++;
      if (victim.way() == Way.STOP_AND_REQUEUE) {
        stopped++;
        at[task] = -1;
        again.add(known[task]);
      } else {
        suspended++;
        asleep[task] = true;
        take(task, -1);
      }
    }
  }

  private void begin(int task) {
    asleep[task] = false;
    since[task] = (int) (now / 1000);
    take(task, -1);
    long[] there = free[at[task]];
    check(there[0] >= 0 && there[1] >= 0 && there[2] >= 0, "more than it has", task);
    reports.add(new Report(now + left[task], task, run[task]));
  }

  /// What it has run is done.
  private void settle(int task) {
    if (!asleep[task]) {
      left[task] = (int) Math.max(1_000, left[task] - (now - since[task] * 1_000L));
    }
  }

  /// Takes what it holds from what is free, or gives it back.
  private void take(int task, int times) {
    long[] there = free[at[task]];
    Resources all = known[task].demand().resources();
    boolean deep = asleep[task] && known[task].sleep() == Sleep.FREES_MEMORY;
    there[0] += asleep[task] ? 0 : times * all.cpuMillis();
    there[1] += deep ? 0 : times * all.memory();
    there[2] += times * all.disk();
  }

  private void nobodyWaitsInVain() {
    int looked = 0;
    for (Line line : cluster.index.waiting.lines()) {
      Demand demand = line.key.demand().demand;
      for (int i = 0; i < free.length; i++) {
        long[] there = free[i];
        Resources need = demand.resources();
        boolean room =
            there != null
                && !silent[i]
                && need.cpuMillis() <= there[0]
                && need.memory() <= there[1]
                && need.disk() <= there[2];
        if (room && suits(demand, providers.get(i)) && isUnclaimed(i)) {
          throw new AssertionError(line.head().task + " waits in vain for " + providers.get(i));
        }
      }
      looked++;
      if (looked == 50) {
        return;
      }
    }
  }

  private boolean isUnclaimed(int number) {
    Slot slot = cluster.index.pool.find(providers.get(number).id());
    return slot != null && slot.claim == null;
  }

  private static boolean suits(Demand demand, Provider provider) {
    Where where = demand.where();
    Traits traits = provider.traits();
    return traits.drivers().contains(demand.driver())
        && (where.arch().isEmpty() || where.arch().equals(traits.arch()))
        && (where.locations().isEmpty() || where.locations().contains(traits.location()))
        && (where.labels().isEmpty() || where.labels().equals(traits.labels()));
  }

  private Demand demand() {
    Resources need =
        new Resources(
            250L << random.nextInt(5), (1L << 28) << random.nextInt(5), random.nextInt(3) * 1024);
    Where where = Where.ANY;
    switch (random.nextInt(5)) {
      case 0 -> where = where.arch("amd64");
      case 1 -> where = where.locations(Set.of("eu", "us"));
      case 2 -> where = where.labels(Map.of("gpu", "yes"));
      default -> {}
    }
    return Demand.of(need, random.nextInt(4) == 0 ? "docker" : "process")
        .where(where)
        .prefer(Demand.Preference.values()[random.nextInt(4)]);
  }

  private Provider provider(int number) {
    long cores = 4L << random.nextInt(4);
    Traits traits =
        Traits.of(
                ARCHS[random.nextInt(ARCHS.length)],
                random.nextInt(3) == 0 ? Set.of("process") : Set.of("process", "docker"))
            .labelled(
                random.nextInt(4) == 0 ? Map.of("gpu", "yes") : Map.of(),
                LOCATIONS[random.nextInt(LOCATIONS.length)],
                Set.of());
    return Provider.of(
            Things.peer(number),
            "node" + number,
            new Resources(cores * 1000, cores << 32, 1 << 20),
            traits)
        .price(random.nextInt(100));
  }

  private static int number(String id) {
    return Integer.parseInt(id, 1, id.length(), 10);
  }

  private static void check(boolean holds, String what, Object of) {
    if (!holds) {
      throw new AssertionError(what + ": " + of);
    }
  }
}
