package io.atoll.market.advert;

import io.atoll.core.term.Resources;
import io.atoll.market.advert.Market.Node;
import java.time.Duration;
import java.util.concurrent.Callable;

/// A market of 200 providers in this process, each a whole node on loopback; then hubs that come
/// new and know a few nodes: how long until each finds the one provider that is big enough, how
/// long a search of its cache takes, and how much it knows after ten seconds. `main(ROUNDS SEED)`;
/// fails
/// where the first is over 10 s or the second over 100 ms.
final class MarketBench {
  private static final int PROVIDERS = 200;
  private static final int SEARCHES = 1000;
  private static final Duration ENOUGH = Duration.ofSeconds(10);

  private MarketBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    boolean good = true;
    long began = System.nanoTime();
    try (Market market = new Market(Duration.ofMinutes(5))) {
      for (int i = 1; i <= PROVIDERS; i++) {
        Node node = market.provider(i);
        // one after the other: a node lets only so many of one address shake hands at once
        await(Duration.ofMinutes(1), () -> market.nodes().size() == 1 || meets(node));
        if (i % 50 == 0) {
          System.out.printf("%d run after %.1f s%n", i, seconds(began));
        }
      }
      for (Node node : market.nodes()) {
        await(Duration.ofMinutes(5), node.adverts()::told);
      }
      System.out.printf(
          "%d providers advertise %.1f s after the first began%n", PROVIDERS, seconds(began));
      Thread.sleep(ENOUGH);
      for (int round = 0; round < rounds; round++) {
        good &= round(market);
      }
      Runtime runtime = Runtime.getRuntime();
      System.gc();
      System.out.printf(
          "%d MB of heap for %d nodes%n",
          (runtime.totalMemory() - runtime.freeMemory()) >> 20, market.nodes().size());
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean meets(Node node) throws InterruptedException {
    return !node.kad().table().isEmpty();
  }

  private static boolean round(Market market) throws Exception {
    AdvertFilter big = AdvertFilter.of(new Resources(PROVIDERS * 1000L, (long) PROVIDERS << 30, 0));
    long began = System.nanoTime();
    Node hub = market.searcher();
    await(Duration.ofMinutes(2), () -> !hub.adverts().providers(big, 10).isEmpty());
    double found = seconds(began);
    int then = hub.adverts().known();
    long left = ENOUGH.toMillis() - (long) (1000 * seconds(began));
    Thread.sleep(Math.max(0, left));
    int known = hub.adverts().known();
    double worst = 0;
    for (int i = 0; i < SEARCHES; i++) {
      long search = System.nanoTime();
      int hits = hub.adverts().providers(big, 10).size();
      worst = Math.max(worst, 1000 * seconds(search));
      if (hits != 1) {
        throw new IllegalStateException(hits + " providers of that size");
      }
    }
    System.out.printf(
        "found after %.2f s, knowing %d of %d; %d after 10 s; the slowest of %d searches %.2f ms%n",
        found, then, PROVIDERS, known, SEARCHES, worst);
    return found <= ENOUGH.toSeconds() && worst < 100;
  }

  private static void await(Duration most, Callable<Boolean> done) throws Exception {
    long until = System.nanoTime() + most.toNanos();
    while (!done.call()) {
      if (System.nanoTime() - until > 0) {
        throw new IllegalStateException("not within " + most);
      }
      Thread.sleep(5);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
