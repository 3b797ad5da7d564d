package io.atoll.daemon;

import io.atoll.daemon.provider.Provider;
import io.atoll.runtime.resource.LoadReader;
import io.atoll.runtime.resource.OwnerPolicy;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the machine several times a second, and tells the provider when its owner needs it and
/// when it is busy enough: often where its owner has rules, else once a second.
final class OwnerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnerWatch.class);

  /// Guests are to pause within 300 ms, and stopping their clock takes up to 50.
  private static final Duration OFTEN = Duration.ofMillis(200);

  private static final Duration SELDOM = Duration.ofSeconds(1);

  /// How long a smoothed figure takes to follow.
  private static final Duration LATELY = Duration.ofSeconds(10);

  private final OwnerRules rules;
  private final Thresholds thresholds;
  private final Provider provider;
  private final LoadReader reader;
  private final Thread thread;

  /// @param guestCpuNanos processor time of all runs so far; -1 = not known
  OwnerWatch(
      OwnerRules rules,
      Thresholds thresholds,
      Provider provider,
      Path runs,
      LongSupplier guestCpuNanos) {
    this.rules = rules;
    this.thresholds = thresholds;
    this.provider = provider;
    this.reader = LoadReader.ofThisMachine(runs, guestCpuNanos);
    this.thread = Thread.ofVirtual().name("owner").unstarted(this::watch);
  }

  void start() {
    thread.start();
  }

  private void watch() {
    OwnerPolicy policy = new OwnerPolicy(rules);
    String owner = null;
    String busy = null;
    boolean told = false;
    Duration interval = rules.any() ? OFTEN : SELDOM;
    double weight = (double) interval.toMillis() / LATELY.toMillis();
    double lately = 0;
    try {
      reader.read(); // its processor figures would be those since the machine's start
      while (true) {
        Thread.sleep(interval);
        try {
          var load = reader.read();
          String needs = policy.step(System.nanoTime(), LocalTime.now(), load);
          lately =
              load.ownerCpu() < 0
                  ? -1
                  : Math.max(0, lately) * (1 - weight) + load.ownerCpu() * weight;
          String beyond = String.join("; ", thresholds.exceeded(lately, load));
          String full = beyond.isEmpty() ? null : beyond;
          if ((needs == null) != (owner == null) || (full == null) != (busy == null)) {
            provider.machine(needs, full);
            if ((needs == null) != (owner == null)) {
              LOG.info("{}", needs == null ? "guests go on" : "guests pause: " + needs);
            }
            owner = needs;
            busy = full;
          }
          told = false;
        } catch (IOException e) {
          if (!told) {
            LOG.warn("cannot read how busy the machine is: {}", Objects.toString(e.getMessage()));
            told = true;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("owner's rules have no effect: {}", Objects.toString(e.getMessage()));
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    if (thread.isAlive()) {
      thread.join(Duration.ofSeconds(5));
    }
  }
}
