package io.atoll.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures, in one thread each until it is closed, how late a thread of this machine wakes and how
/// long a request takes.
final class Latency implements AutoCloseable {
  /// A request, or a nap; throws if it failed.
  @FunctionalInterface
  interface Act {
    void run() throws Exception;
  }

  /// @param millis sorted
  record Figures(List<Double> millis) {
    Figures {
      millis = millis.stream().sorted().toList();
    }

    double quantile(double share) {
      return millis.isEmpty()
          ? Double.NaN
          : millis.get((int) Math.min(millis.size() - 1L, (long) (millis.size() * share)));
    }

    /// `p50 / p99 / max`.
    String text() {
      return String.format(
          Locale.ROOT, "%.1f / %.1f / %.1f", quantile(0.5), quantile(0.99), quantile(1));
    }
  }

  private final Thread thread;
  private final List<Double> millis = new ArrayList<>();
  private volatile boolean open = true;
  private volatile String failed = "";

  private Latency(String name, int every, boolean lateness, Act act) {
    this.thread = Thread.ofPlatform().name(name).start(() -> measure(every, lateness, act));
  }

  /// How much later than asked a thread wakes that sleeps 5 ms.
  static Latency ofWaking() {
    return new Latency("waking", 0, true, () -> Thread.sleep(5));
  }

  /// How long a request takes, 20 times a second.
  static Latency of(Act request) {
    return new Latency("requests", 50, false, request);
  }

  private void measure(int every, boolean lateness, Act act) {
    try {
      while (open) {
        long began = System.nanoTime();
        act.run();
        double took = (System.nanoTime() - began) / 1e6 - (lateness ? 5 : 0);
        synchronized (millis) {
          millis.add(Math.max(0, took));
        }
        Thread.sleep(Math.max(0, every - (long) took));
      }
    } catch (Exception e) {
      failed = e.toString();
    }
  }

  /// What was measured since it was asked last.
  Figures take() {
    if (!failed.isEmpty()) {
      throw new IllegalStateException("the measurement of " + thread.getName() + ": " + failed);
    }
    synchronized (millis) {
      Figures figures = new Figures(millis);
      millis.clear();
      return figures;
    }
  }

  @Override
  public void close() throws InterruptedException {
    open = false;
    thread.join();
  }
}
