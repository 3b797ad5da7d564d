package io.atoll.daemon;

import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.market.agreement.Networking;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EngineBacked;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.microvm.MicrovmDriver;
import io.atoll.runtime.plugin.PluginDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows engines that come and go while the daemon runs: the offer names a driver as long as its
/// engine answers, and works. Once every run of the daemon before is found again, it has what
/// belongs to none of them removed.
///
/// One virtual thread an engine. An engine that works is asked one small thing a minute, one that
/// is away every ten seconds; a run that fails for want of it makes it be asked at once.
final class EngineWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
  private static final Duration WORKING = Duration.ofSeconds(60);
  private static final Duration AWAY = Duration.ofSeconds(10);

  /// It answers, and does not work: a trial costs more than a question.
  private static final Duration BROKEN = Duration.ofMinutes(5);

  private static final Duration RECOVERING = Duration.ofSeconds(1);

  private final Provider provider;
  private final Reclaimed reclaimed;
  private final List<Watch> watches = new ArrayList<>();

  /// Trials that take too long for the daemon's start.
  private final List<Thread> trials = new ArrayList<>();

  private Drivers drivers; // guarded by this

  EngineWatch(Drivers drivers, Provider provider, Reclaimed reclaimed) {
    this.reclaimed = reclaimed;
    this.drivers = drivers;
    this.provider = provider;
    for (Driver driver : drivers.drivers().values()) {
      if (driver instanceof EngineBacked engine) {
        boolean works = drivers.available().contains(driver.name());
        watches.add(new Watch(engine, works, drivers.late().get(driver.name())));
      } else if (driver instanceof MicrovmDriver) {
        trials.add(
            Thread.ofVirtual()
                .name("trial " + driver.name())
                .unstarted(() -> found(driver.fingerprint())));
      }
    }
  }

  void start() {
    provider.onUnavailable(
        name -> {
          for (Watch watch : watches) {
            if (watch.engine.name().equals(name)) {
              watch.nudge.release();
            }
          }
        });
    for (Watch watch : watches) {
      if (watch.engine instanceof PluginDriver) {
        watch.nudge.release(); // nobody has tried it yet
      }
      watch.thread.start();
    }
    trials.forEach(Thread::start);
  }

  private synchronized void found(Fingerprint print) {
    drivers = drivers.with(print);
    ProviderConfig known = provider.config();
    ProviderConfig now =
        new ProviderConfig(
            known.name(),
            known.version(),
            known.os(),
            known.arch(),
            known.total(),
            drivers.available(),
            drivers.missing(),
            known.labels(),
            known.bootId(),
            drivers.deep(),
            provider.inNetworks()
                ? drivers.networking(known.networking().host())
                : Networking.NONE);
    if (!now.equals(known)) {
      LOG.info("what works here has changed: {}", String.join(", ", now.drivers()));
      provider.changed(now);
    }
  }

  @Override
  public void close() throws InterruptedException {
    trials.forEach(Thread::interrupt);
    for (Watch watch : watches) {
      watch.thread.interrupt();
    }
    for (Watch watch : watches) {
      watch.thread.join(Duration.ofSeconds(5));
    }
  }

  private final class Watch {
    final EngineBacked engine;
    final Semaphore nudge = new Semaphore(0);
    final Thread thread;
    private final @Nullable Future<Fingerprint> late;
    private boolean works;
    private boolean swept;

    /// @param late its first trial, where that was not waited for
    Watch(EngineBacked engine, boolean works, @Nullable Future<Fingerprint> late) {
      this.engine = engine;
      this.works = works;
      this.late = late;
      this.thread = Thread.ofVirtual().name("engine " + engine.name()).unstarted(this::watch);
    }

    private void watch() {
      try {
        if (late != null) {
          Fingerprint first = late.get();
          works = first.available();
          found(first);
        }
        boolean answers = works;
        while (true) {
          boolean failed = works && !swept && !provider.recovering(engine.name()) && !sweep();
          Duration pause = works ? (swept ? WORKING : RECOVERING) : answers ? BROKEN : AWAY;
          boolean nudged = nudge.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
          if (works && !swept && !failed && !nudged) {
            continue; // runs are still being found again
          }
          nudge.drainPermits();
          answers = engine.answers();
          if (answers != works) {
            Fingerprint print = engine.fingerprint();
            if (Thread.interrupted()) {
              throw new InterruptedException();
            }
            works = print.available();
            found(print);
          }
        }
      } catch (InterruptedException e) {
        LOG.debug("the engine of {} is no longer watched", engine.name());
      } catch (ExecutionException e) {
        throw new IllegalStateException("a driver failed to try", e);
      }
    }

    private boolean sweep() throws InterruptedException {
      try {
        int removed = engine.removeStrays(provider.live());
        reclaimed.add(
            engine instanceof PluginDriver ? "runs of " + engine.name() : "containers", removed, 0);
        swept = true;
        return true;
      } catch (DriverException e) {
        LOG.debug("strays are looked for later: {}", e.text());
        return false;
      }
    }
  }
}
