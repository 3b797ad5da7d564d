package io.atoll.daemon.sim;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/// Virtual time, chance, and everybody who lives in it.
final class World {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  /// A promise was broken; the message has the seed and the last events.
  static final class Broken extends AssertionError {
    Broken(String message) {
      super(message);
    }
  }

  private record Item(long time, long order, Runnable what) {}

  final long seed;
  final SplittableRandom random;
  final Set<Bug> bugs;
  final Trace trace = new Trace();
  final Witness witness = new Witness(this);
  final List<SimHub> hubs = new ArrayList<>();
  final List<SimProvider> providers = new ArrayList<>();
  private final Set<String> partitions = new HashSet<>();
  private final PriorityQueue<Item> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Item::time).thenComparingLong(Item::order));
  private long order;
  long time;

  /// Whether faults may happen.
  boolean chaos = true;

  /// Chance of a crash at each step of a process, while there is chaos.
  double crashChance;

  /// Whether a store was put back to an older state.
  boolean restored;

  World(long seed, Set<Bug> bugs) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.bugs = bugs;
  }

  void at(long delay, Runnable what) {
    agenda.add(new Item(time + Math.max(0, delay), order++, what));
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  long between(long low, long high) {
    return low >= high ? low : random.nextLong(low, high + 1);
  }

  void log(String line) {
    trace.add(time, line);
  }

  /// Runs until `until`, or until nothing is left to do.
  void run(long until) {
    while (!agenda.isEmpty() && agenda.peek().time() <= until) {
      Item item = agenda.poll();
      time = item.time();
      item.what().run();
    }
    time = Math.max(time, until);
  }

  Broken broken(String what) {
    return new Broken(
        what
            + "\n  at virtual second "
            + time / 1e9
            + ", seed "
            + seed
            + " (again: -Datoll.sim.seed="
            + seed
            + " -Datoll.sim.seeds=1)\n"
            + trace.tail());
  }

  void partition(PeerId provider, PeerId hub) {
    partitions.add(provider + "|" + hub);
  }

  void heal(PeerId provider, PeerId hub) {
    partitions.remove(provider + "|" + hub);
  }

  void healAll() {
    partitions.clear();
  }

  boolean partitioned(PeerId provider, PeerId hub) {
    return partitions.contains(provider + "|" + hub);
  }

  /// A peer id that is easy to tell apart.
  /// The same in each run.
  static Identity identity(String kind, int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) kind.charAt(0);
    seed[1] = (byte) number;
    return Identity.ofSeed(seed);
  }
}
