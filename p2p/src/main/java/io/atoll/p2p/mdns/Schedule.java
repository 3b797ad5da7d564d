package io.atoll.p2p.mdns;

import java.time.Duration;
import java.util.Random;

/// When to ask and when to answer (RFC 6762 §5.2, §6): questions ever more seldom, and however many
/// ask, one answer in a second. Pure: who asks says what time it is. Not safe for threads.
final class Schedule {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  private final Random random;
  private final long longest;
  private long interval;
  private long nextQuery;
  private long nextAnswer;
  private boolean answering;
  private boolean answered;
  private long lastAnswer;

  /// Asks and answers at once, then as it is asked.
  ///
  /// @param first between the first two questions; doubled each time
  /// @param longest between two questions
  Schedule(Duration first, Duration longest, boolean announces, long nowNanos, Random random) {
    this.random = random;
    this.interval = first.toNanos();
    this.longest = longest.toNanos();
    this.nextQuery = nowNanos;
    this.nextAnswer = nowNanos;
    this.answering = announces;
  }

  /// Somebody asked, or there is something new to say: others that hear one answer are content.
  void asked(long nowNanos) {
    if (answering) {
      return;
    }
    long soon = nowNanos + (20 + random.nextInt(100)) * MILLI;
    nextAnswer = answered && lastAnswer + SECOND - soon > 0 ? lastAnswer + SECOND : soon;
    answering = true;
  }

  /// Whether to ask now; then the next time is set.
  boolean ask(long nowNanos) {
    if (nowNanos - nextQuery < 0) {
      return false;
    }
    // A fifth more or less, so that nodes that started together drift apart.
    long jitter = interval / 5 == 0 ? 0 : random.nextLong(interval / 5);
    nextQuery = nowNanos + interval - interval / 10 + jitter;
    interval = Math.min(longest, interval * 2);
    return true;
  }

  /// Whether to answer now; then nothing is owed any more.
  boolean answer(long nowNanos) {
    if (!answering || nowNanos - nextAnswer < 0) {
      return false;
    }
    answering = false;
    answered = true;
    lastAnswer = nowNanos;
    return true;
  }

  /// How long nothing is to be done.
  long idleNanos(long nowNanos) {
    long untilQuery = nextQuery - nowNanos;
    return Math.max(0, answering ? Math.min(untilQuery, nextAnswer - nowNanos) : untilQuery);
  }
}
