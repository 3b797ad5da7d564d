package io.atoll.p2p.muxer.yamux;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Asks the peer for a sign of life, ends a session whose peer is silent or takes no data, and
/// measures the round trip.
///
/// Silence is counted in this thread's own steps, not read from a clock: a process that was stopped
/// for a while does not blame its peers for it.
final class KeepAlive implements Runnable {
  private static final int STEPS = 8;
  private static final Duration LINGER = Duration.ofSeconds(60);

  private final YamuxSession session;
  private final AtomicLong heard = new AtomicLong();
  private final AtomicLong wrote = new AtomicLong();
  private volatile @Nullable Thread thread;
  private volatile boolean stopped;
  private volatile int asked;
  private volatile long askedNanos;
  private volatile long roundTripNanos;

  /// How long the writer has been at one record.
  private Duration stuck = Duration.ZERO;

  KeepAlive(YamuxSession session) {
    this.session = session;
  }

  /// The reader got something.
  void heard() {
    heard.setRelease(heard.getPlain() + 1);
  }

  /// The writer got rid of something.
  void wrote() {
    wrote.setRelease(wrote.getPlain() + 1);
  }

  /// A ping came back.
  void answered(int value) {
    if (value == asked) {
      long sample = Math.max(1, System.nanoTime() - askedNanos);
      roundTripNanos = roundTripNanos == 0 ? sample : Math.min(roundTripNanos, sample);
    }
  }

  /// The shortest measured; 0 before the first.
  long roundTripNanos() {
    return roundTripNanos;
  }

  void stop() {
    stopped = true;
    Thread sleeper = thread;
    if (sleeper != null) {
      sleeper.interrupt();
    }
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!stopped) {
        ask();
        rest(session.config().keepAlive());
      }
    } catch (InterruptedException ended) {
      // The session is over.
    } catch (IOException e) {
      session.fail(e);
    }
  }

  private void ask() {
    int value = asked + 1;
    askedNanos = System.nanoTime();
    asked = value;
    session.queue().control(Frame.ping(Frame.SYN, value));
  }

  /// Sleeps through one interval, and on while nothing came since it began.
  private void rest(Duration interval) throws InterruptedException, IOException {
    Duration timeout = session.config().timeout();
    Duration step = shorter(interval, timeout).dividedBy(STEPS);
    Duration rested = Duration.ZERO;
    long heardBefore = heard.getAcquire();
    long wroteBefore = wrote.getAcquire();
    while (rested.compareTo(interval) < 0 || heard.getAcquire() == heardBefore) {
      if (rested.compareTo(timeout) > 0 && heard.getAcquire() == heardBefore) {
        throw new SocketTimeoutException("the peer is silent for " + seconds(timeout));
      }
      Thread.sleep(step);
      rested = rested.plus(step);
      long wroteNow = wrote.getAcquire();
      stuck = wroteNow == wroteBefore && session.queue().busy() ? stuck.plus(step) : Duration.ZERO;
      wroteBefore = wroteNow;
      if (stuck.compareTo(timeout.multipliedBy(2)) > 0) {
        throw new SocketTimeoutException(
            "the peer takes no data for " + seconds(timeout.multipliedBy(2)));
      }
      endLingering();
    }
  }

  private void endLingering() {
    for (YamuxStream stream : session.all().values()) {
      if (stream.lingers(LINGER.toNanos())) {
        stream.reset();
      }
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
