package io.atoll.daemon.provider;

import io.atoll.core.crash.CrashPoint;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.daemon.provider.machine.StartFailure;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import io.atoll.vpn.network.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes one run from its journalled order to its end: prepare, start, watch. What it should do
/// meanwhile (go on, be suspended, stop) is a wish that it makes true, not a queue of commands.
///
/// One virtual thread drives the run; a second one, made with the first wish, makes wishes true.
final class ActivityRunner {
  /// Told by the run's own threads.
  interface Listener {
    /// The driver was asked for a run of an earlier daemon.
    ///
    /// @param found whether its payload is there (it may have ended); else it provably never began,
    ///     and nothing more is told
    void recovered(RunId run, boolean found);

    /// The driver is asked to make everything ready.
    ///
    /// @param detail what it does now, for people; empty where that is nothing of note
    void starting(RunId run, String detail);

    /// The driver could not be used at all.
    void unavailable(String driver);

    /// The payload began, or was found again (`startedAt` is null then).
    void running(RunId run, @Nullable Instant startedAt, List<Endpoint> endpoints);

    /// The payload stands still, or goes on after it did.
    ///
    /// @param deep it has given its memory back
    void suspended(RunId run, boolean suspended, boolean deep, List<Endpoint> endpoints);

    /// What a live run does, for people: how far its machine is, or that a wish could not be
    /// fulfilled and is tried again.
    void detail(RunId run, String detail);

    /// Told once, last; not if it was not found.
    ///
    /// @param endedAt null where only now is known
    void exited(RunId run, Exit exit, @Nullable Instant endedAt);
  }

  /// What is wished of a live payload. One that was found again is left as it is until its hub says
  /// what it wants.
  private enum Pace {
    AS_IT_IS,
    SUSPENDED,
    SUSPENDED_DEEP,
    RUNNING
  }

  private record Stop(Duration grace, Exit.Cause cause) {}

  private static final Logger LOG = LoggerFactory.getLogger(ActivityRunner.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

  /// Each try writes as much as the payload has memory.
  private static final Duration PAUSE_AFTER_DEEP_FAILURE = Duration.ofMinutes(1);

  private final Driver driver;
  private final ActivitySpec spec;
  private final Listener listener;
  private final Cables cables;

  /// Null for a run that was found again. Used by the run's own thread only.
  private @Nullable Instant startedAt;

  /// As the driver says. Used by the run's own thread only.
  private @Nullable Instant endedAt;

  // guarded by this
  private @Nullable Thread thread;
  private boolean preparing;
  private @Nullable Activity activity;
  private @Nullable Stop stop;
  private Pace pace = Pace.AS_IT_IS;
  private boolean ended;
  private boolean steering;
  private boolean launching;
  private boolean watched;
  private String phase = "";

  ActivityRunner(Driver driver, ActivitySpec spec, Listener listener) {
    this(driver, spec, listener, Cables.NONE);
  }

  /// @param cables what connects the payload's cards
  ActivityRunner(Driver driver, ActivitySpec spec, Listener listener, Cables cables) {
    this.cables = cables;
    this.driver = driver;
    this.spec = spec;
    this.listener = listener;
  }

  /// Starts the payload, which was never started before.
  synchronized void start() {
    launching = true;
    thread = Thread.ofVirtual().name("run " + spec.id()).start(() -> tell(startAndWatch()));
  }

  /// Finds the payload again after a restart of the daemon. A driver that cannot tell yet is asked
  /// again: not to know is no reason to give a run up.
  synchronized void recover() {
    thread = Thread.ofVirtual().name("run " + spec.id()).start(this::findAndWatch);
  }

  /// Wishes the run's end. `cause` is what its exit will say if it ends by this.
  synchronized void stop(Duration grace, Exit.Cause cause) {
    stop = new Stop(grace, stop == null ? cause : stop.cause());
    if (preparing && thread != null) {
      thread.interrupt();
    }
    steer();
  }

  /// The image of the run is being fetched, by this run's thread or another's.
  synchronized void pulling(String image, String detail) {
    if (preparing && image.equals(spec.workload().image())) {
      listener.starting(spec.id(), detail);
    }
  }

  /// How far the run's machine is. What is told before the payload is known to be there is told
  /// again once it is.
  synchronized void phase(String detail) {
    phase = detail;
    if (watched) {
      listener.detail(spec.id(), detail);
    } else if (launching && !ended && !detail.isEmpty()) {
      listener.starting(spec.id(), detail);
    }
  }

  /// @param deep it should also give its memory back, where its driver can
  synchronized void suspend(boolean deep) {
    pace = deep ? Pace.SUSPENDED_DEEP : Pace.SUSPENDED;
    steer();
  }

  /// The payload's member of a network has perhaps another address now.
  void moved(NetworkId network, Member member) {
    cables.moved(network, member);
  }

  synchronized void resume() {
    pace = Pace.RUNNING;
    steer();
  }

  /// What it drives; null before the payload began.
  synchronized @Nullable Activity activity() {
    return activity;
  }

  private Exit startAndWatch() {
    try {
      return watch(prepareAndStart());
    } catch (DriverException e) {
      LOG.info("{} did not start: {} {}", spec.id(), e.text(), e.hint());
      if (e.code() == ErrorCode.DRIVER_UNAVAILABLE) {
        listener.unavailable(driver.name());
      }
      return ended(StartFailure.of(e.code(), e.text(), e.hint()));
    } catch (InterruptedException e) {
      return ended(Exit.startFailed("it was stopped before it began"));
    } catch (RuntimeException e) {
      LOG.error("the driver {} failed on {}", driver.name(), spec.id(), e);
      return ended(Exit.startFailed("the driver " + driver.name() + " failed: " + e));
    }
  }

  private void findAndWatch() {
    boolean told = false;
    while (true) {
      try {
        switch (driver.recover(spec)) {
          case Recovered.NeverStarted() -> listener.recovered(spec.id(), false);
          case Recovered.Found(Activity found) -> {
            LOG.info("found {} again, {}", spec.id(), found.state());
            listener.recovered(spec.id(), true);
            tell(watch(found));
          }
        }
        return;
      } catch (DriverException e) {
        if (!told) {
          LOG.warn("cannot tell yet what became of {}: {} {}", spec.id(), e.text(), e.hint());
          told = true;
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the driver {} failed to find {}", driver.name(), spec.id(), e);
      }
      try {
        Thread.sleep(PAUSE_AFTER_FAILURE);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void tell(Exit exit) {
    listener.exited(spec.id(), exit, endedAt);
  }

  private Exit watch(Activity begun) throws InterruptedException {
    List<Endpoint> endpoints;
    synchronized (this) {
      activity = begun;
      endpoints = begun.endpoints();
      steer();
    }
    cables.plug(begun, startedAt == null);
    switch (begun.state()) {
      case RUNNING -> listener.running(spec.id(), startedAt, endpoints);
      case SUSPENDED -> tellPace(begun);
      case TERMINATED -> {}
    }
    synchronized (this) {
      watched = true;
      if (!phase.isEmpty()) {
        listener.detail(spec.id(), phase);
      }
    }
    Exit exit = begun.await();
    CrashPoint.RUN_ENDED.reach();
    endedAt = begun instanceof EndTime end ? end.endedAt().orElse(null) : null;
    return ended(exit);
  }

  private Activity prepareAndStart() throws DriverException, InterruptedException {
    synchronized (this) {
      if (stop != null) {
        throw new InterruptedException();
      }
      preparing = true;
    }
    cables.check(driver);
    CrashPoint.RUN_PREPARING.reach();
    try (Prepared prepared = driver.prepare(spec)) {
      CrashPoint.RUN_PREPARED.reach();
      synchronized (this) {
        preparing = false;
        if (stop != null) {
          throw new InterruptedException();
        }
        Thread.interrupted(); // from here on a stop ends the payload, not this thread
      }
      Activity started = prepared.start();
      startedAt = Instant.now();
      CrashPoint.RUN_STARTED.reach();
      return started;
    }
  }

  private Exit ended(Exit exit) {
    cables.unplug();
    return said(exit);
  }

  private synchronized Exit said(Exit exit) {
    ended = true;
    notifyAll();
    if (stop == null || exit.cause() == Exit.Cause.LOST) {
      return exit;
    }
    return new Exit(
        stop.cause(),
        exit.neverBegan() ? 143 : exit.code(),
        exit.neverBegan() ? "before it began" : "");
  }

  /// Makes the thread that makes wishes true, or wakes it. Called with the monitor held.
  private void steer() {
    notifyAll();
    if (!steering && !ended && wishOpen()) {
      steering = true;
      Thread.ofVirtual().name("steer " + spec.id()).start(this::steerToTheEnd);
    }
  }

  private void steerToTheEnd() {
    try {
      while (true) {
        Activity live;
        Stop wished;
        Pace wanted;
        synchronized (this) {
          while (!ended && !wishOpen()) {
            wait();
          }
          if (ended || activity == null) {
            return;
          }
          live = activity;
          wished = stop;
          wanted = pace;
        }
        try {
          if (wished != null) {
            live.stop(wished.grace());
            return;
          }
          apply(wanted, live);
          tellPace(live);
        } catch (DriverException e) {
          String what = wished != null ? "stop" : word(wanted);
          LOG.warn("could not {} {}: {} {}", what, spec.id(), e.text(), e.hint());
          if (wished == null && wanted == Pace.SUSPENDED_DEEP) {
            tellPace(live); // most likely it stands still, with its memory
          }
          listener.detail(spec.id(), "trying to " + what + " it: " + e.text() + "; " + e.hint());
          pauseUnlessOtherwise(wished, wanted);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void apply(Pace wanted, Activity live)
      throws DriverException, InterruptedException {
    switch (wanted) {
      case SUSPENDED -> live.suspend();
      case SUSPENDED_DEEP -> {
        if (live instanceof DeepSuspend able) {
          able.suspendDeep();
        } else {
          live.suspend();
        }
      }
      case RUNNING -> live.resume();
      case AS_IT_IS -> {}
    }
  }

  private static String word(Pace wanted) {
    return switch (wanted) {
      case SUSPENDED -> "suspend";
      case SUSPENDED_DEEP -> "take the memory of";
      case RUNNING, AS_IT_IS -> "resume";
    };
  }

  private void tellPace(Activity live) {
    boolean stands = live.state() == Activity.State.SUSPENDED;
    boolean deep = live instanceof DeepSuspend able && able.deep();
    listener.suspended(spec.id(), stands, stands && deep, live.endpoints());
  }

  /// Waits before the same is tried again; a new wish is tried at once.
  private synchronized void pauseUnlessOtherwise(@Nullable Stop wished, Pace wanted)
      throws InterruptedException {
    Duration pause =
        wished == null && wanted == Pace.SUSPENDED_DEEP
            ? PAUSE_AFTER_DEEP_FAILURE
            : PAUSE_AFTER_FAILURE;
    long until = System.nanoTime() + pause.toNanos();
    while (!ended && Objects.equals(stop, wished) && pace == wanted && System.nanoTime() < until) {
      wait(Math.max(1, (until - System.nanoTime()) / 1_000_000));
    }
  }

  private boolean wishOpen() {
    if (activity == null) {
      return false;
    }
    return switch (activity.state()) {
      case RUNNING -> stop != null || pace == Pace.SUSPENDED || pace == Pace.SUSPENDED_DEEP;
      case SUSPENDED ->
          stop != null
              || pace == Pace.RUNNING
              || (pace == Pace.SUSPENDED_DEEP
                  && activity instanceof DeepSuspend able
                  && !able.deep());
      case TERMINATED -> false;
    };
  }
}
