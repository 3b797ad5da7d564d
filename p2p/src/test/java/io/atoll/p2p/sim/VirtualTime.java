package io.atoll.p2p.sim;

import io.atoll.core.time.Now;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/// A queue of what happens when. What happens at the same time does so in the order in which it was
/// planned: the same plans are the same run.
public final class VirtualTime {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private record Planned(long at, long order, Runnable what) {}

  private final PriorityQueue<Planned> queue =
      new PriorityQueue<>(Comparator.comparingLong(Planned::at).thenComparingLong(Planned::order));
  private long nanos;
  private long order;
  private long events;
  private long trace;

  public Now now() {
    return new Now(nanos, EPOCH.plusNanos(nanos));
  }

  public long nanos() {
    return nanos;
  }

  public void after(Duration delay, Runnable what) {
    after(delay.toNanos(), what);
  }

  public void after(long delay, Runnable what) {
    queue.add(new Planned(nanos + delay, order++, what));
  }

  /// Runs all that is planned within the next `span`.
  public void run(Duration span) {
    long end = nanos + span.toNanos();
    while (!queue.isEmpty() && queue.peek().at() <= end) {
      Planned next = queue.poll();
      nanos = next.at();
      events++;
      next.what().run();
    }
    nanos = end;
  }

  /// Adds something that happened to the trace.
  public void note(long what) {
    long z = (trace ^ what ^ nanos) + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    trace = z ^ (z >>> 31);
  }

  /// One number for all that was noted.
  public long trace() {
    return trace;
  }

  public long events() {
    return events;
  }
}
