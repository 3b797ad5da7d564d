package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import java.util.HashMap;
import java.util.Map;

/// How much of the pool each app holds, by the resource of which it holds most (Ghodsi et al.,
/// Dominant Resource Fairness, NSDI 2011): the app with the smallest such share is next among
/// equals.
final class Shares {
  private final Map<String, Amount> held = new HashMap<>();
  private final Amount pool = new Amount();

  void pool(Resources total, int times) {
    pool.add(total, times);
  }

  void add(String app, Amount what, int times) {
    Amount of = held.computeIfAbsent(app, a -> new Amount());
    of.add(what, times);
    if (times < 0 && of.isNothing()) {
      held.remove(app);
    }
  }

  double of(String app) {
    Amount of = held.get(app);
    if (of == null) {
      return 0;
    }
    return Math.max(
        share(of.cpu, pool.cpu),
        Math.max(share(of.memory, pool.memory), share(of.disk, pool.disk)));
  }

  private static double share(long part, long whole) {
    return whole <= 0 ? 0 : (double) part / whole;
  }
}
