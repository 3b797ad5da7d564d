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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the machine several times a second, and tells the provider when its owner needs it and
/// when it is busy enough. Without rules and thresholds it does not look at all.
final class OwnerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnerWatch.class);

  /// Guests are to pause within 300 ms, and stopping their clock takes up to 50.
  private static final Duration INTERVAL = Duration.ofMillis(200);

  private final OwnerRules rules;
  private final @Nullable Thresholds thresholds;
  private final Provider provider;
  private final LoadReader reader;
  private final Thread thread;

  /// @param thresholds null: as much as was asked for is taken
  /// @param processCpuNanos processor time of all runs of the process driver so far; -1 = not known
  OwnerWatch(
      OwnerRules rules,
      @Nullable Thresholds thresholds,
      Provider provider,
      Path runs,
      LongSupplier processCpuNanos) {
    this.rules = rules;
    this.thresholds = thresholds;
    this.provider = provider;
    // What containers use is in the engine's books, where asking takes seconds.
    LongSupplier guests = () -> provider.runs("docker") ? -1 : processCpuNanos.getAsLong();
    this.reader = LoadReader.ofThisMachine(runs, guests);
    this.thread = Thread.ofVirtual().name("owner").unstarted(this::watch);
  }

  void start() {
    if (rules.any() || thresholds != null) {
      thread.start();
    }
  }

  private void watch() {
    OwnerPolicy policy = new OwnerPolicy(rules);
    String owner = null;
    String busy = null;
    boolean told = false;
    try {
      reader.read(); // its processor figures would be those since the machine's start
      while (true) {
        Thread.sleep(INTERVAL);
        try {
          var load = reader.read();
          String needs = policy.step(System.nanoTime(), LocalTime.now(), load);
          String beyond = thresholds == null ? "" : String.join("; ", thresholds.exceeded(load));
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
