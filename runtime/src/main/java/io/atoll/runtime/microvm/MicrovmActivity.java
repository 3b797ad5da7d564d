package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.OutputNotices;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.guest.GuestSessions;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One guest, as this daemon sees it. One virtual thread talks to its agent and draws the
/// conclusion when QEMU is gone. QEMU is a process run, and goes before the end is told.
final class MicrovmActivity implements Activity, Enterable, EndTime, OutputNotices {
  private static final Logger log = LoggerFactory.getLogger(MicrovmActivity.class);

  /// What a guest gets beyond the grace, before its QEMU is killed.
  private static final Duration LATE = Duration.ofSeconds(5);

  /// What commands beside a payload that ended get to tell their own ends.
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final Duration QMP_LIMIT = Duration.ofSeconds(20);

  private final RunId id;
  private final MicrovmFolder folder;
  private final @Nullable Activity machine;
  private final Hypervisors hypervisors;
  private final @Nullable Conversation conversation;
  private final GuestState guest;
  private final GuestSessions sessions;
  private final Runnable forget;
  private volatile @Nullable Thread watcher;

  /// @param words for a payload that the guest has not begun
  /// @param forget is called once nothing is left
  MicrovmActivity(
      RunId id,
      MicrovmFolder folder,
      Activity machine,
      Hypervisors hypervisors,
      OutputWriter writer,
      byte[] words,
      boolean suspended,
      Runnable forget) {
    this.id = id;
    this.folder = folder;
    this.machine = machine;
    this.hypervisors = hypervisors;
    this.guest = new GuestState(suspended, writer.end());
    this.conversation = new Conversation(id, folder, hypervisors, writer, words, guest);
    this.sessions = sessions(id, folder, hypervisors);
    this.forget = forget;
  }

  /// A run that has ended already.
  MicrovmActivity(
      RunId id, MicrovmFolder folder, Hypervisors hypervisors, End end, Runnable forget) {
    this.id = id;
    this.folder = folder;
    this.machine = null;
    this.hypervisors = hypervisors;
    this.conversation = null;
    this.guest = GuestState.ended(end);
    this.sessions = sessions(id, folder, hypervisors);
    sessions.ended();
    this.forget = forget;
  }

  private static GuestSessions sessions(RunId id, MicrovmFolder folder, Hypervisors hypervisors) {
    return new GuestSessions(
        "the guest of run " + id, folder.path(), hypervisors.work(id).resolve("exec"));
  }

  /// Begins to talk to the agent; returns once the payload runs, or the run has ended, or the time
  /// is over: then the run is ended.
  void begin(Duration atMost) throws InterruptedException {
    watch();
    if (!guest.awaitBegun(atMost)) {
      kill();
      guest.awaitEnd(LATE.plus(LATE));
    }
  }

  /// As `begin`, for a run that is found again: nothing is ended for being slow.
  void beginAgain() throws InterruptedException {
    watch();
    if (state() == State.RUNNING) {
      guest.awaitKnown(Duration.ofSeconds(5));
    }
  }

  private void kill() throws InterruptedException {
    try {
      Activity qemu = machine;
      if (qemu != null) {
        qemu.stop(Duration.ZERO);
      }
    } catch (DriverException e) {
      log.warn("the QEMU of run {} does not end: {}", id, e.text());
    }
  }

  // ---- the thread that talks to the agent

  private void watch() {
    Conversation talk = conversation;
    Activity qemu = machine;
    if (talk == null || qemu == null) {
      throw new IllegalStateException("an ended run is not watched");
    }
    watcher = Thread.ofVirtual().name("microvm " + id).start(() -> watch(talk, qemu));
  }

  private void watch(Conversation talk, Activity qemu) {
    try {
      End found = talk.untilEnd(qemu);
      if (found != null) {
        talk.settle(found);
        conclude(found, qemu);
      }
      talk.close();
    } catch (InterruptedException e) {
      log.debug("run {} is no longer watched", id);
    } catch (IOException | RuntimeException e) {
      log.error("run {} is no longer watched", id, e);
    }
  }

  private void conclude(End found, Activity qemu) throws InterruptedException {
    sessions.awaitQuiet(LAST_WORDS);
    try {
      qemu.destroy();
    } catch (DriverException e) {
      log.warn("the QEMU of run {} left something behind: {}", id, e.text());
    }
    sessions.ended();
    forget.run();
    guest.setEnd(found);
  }

  /// Lets go of it: the guest goes on, the folder is no longer written.
  void close() throws InterruptedException {
    Conversation talk = conversation;
    if (talk != null) {
      talk.leave();
    }
    Thread watching = watcher;
    if (watching != null) {
      watching.interrupt();
      watching.join();
    }
    sessions.close();
  }

  // ---- what callers see

  @Override
  public RunId id() {
    return id;
  }

  @Override
  public State state() {
    return guest.state();
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of();
  }

  @Override
  public Exit await() throws InterruptedException {
    return guest.await().exit();
  }

  @Override
  public Optional<Instant> endedAt() {
    End found = guest.end();
    return found == null ? Optional.empty() : Optional.ofNullable(found.at());
  }

  @Override
  public long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    return guest.awaitOutput(beyond, atMost);
  }

  @Override
  public void stop(Duration grace) throws DriverException, InterruptedException {
    if (state() == State.TERMINATED) {
      return;
    }
    try {
      folder.markStop();
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "could not note in " + folder.path() + " that run " + id + " is to stop",
          "free space on that disk",
          e);
    }
    guest.stop(grace);
    if (state() == State.SUSPENDED && grace.isPositive()) {
      resume();
    }
    // Without grace the guest still gets a moment: its last output is in its ring.
    Duration moment = sessions.busy() ? LAST_WORDS.plusMillis(500) : Duration.ofMillis(500);
    if (!guest.awaitEnd(grace.isPositive() ? grace.plus(LATE) : moment)) {
      kill();
      if (!guest.awaitEnd(Duration.ofSeconds(30))) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "run " + id + " did not end 30 s after its QEMU was killed",
            "look for processes in state D, and whether the disk of " + folder.path() + " is full");
      }
    }
  }

  @Override
  public void suspend() throws DriverException, InterruptedException {
    setSuspended(true);
  }

  @Override
  public void resume() throws DriverException, InterruptedException {
    setSuspended(false);
  }

  private void setSuspended(boolean wanted) throws DriverException, InterruptedException {
    State now = state();
    if (now == State.TERMINATED || (now == State.SUSPENDED) == wanted) {
      return;
    }
    try (Qmp qmp = Qmp.connect(hypervisors.work(id).resolve("qmp"), QMP_LIMIT, event -> {})) {
      qmp.execute(wanted ? "stop" : "cont");
    } catch (IOException e) {
      if (guest.awaitEnd(Duration.ofSeconds(1))) {
        return;
      }
      throw new DriverException(
          ErrorCode.INTERNAL,
          (wanted ? "suspending " : "resuming ") + id + " failed: " + e.getMessage(),
          "stop it if it must not run",
          e);
    }
    guest.setSuspended(wanted);
  }

  @Override
  public ExecSession exec(ExecSpec command) throws DriverException, InterruptedException {
    return switch (state()) {
      case RUNNING -> sessions.begin(command);
      case SUSPENDED ->
          throw new DriverException(
              ErrorCode.CONFLICT,
              "run " + id + " is suspended, and a command beside it would be so too",
              "resume it first");
      case TERMINATED ->
          throw new DriverException(
              ErrorCode.CONFLICT,
              "run " + id + " has ended",
              "a command needs a payload that runs");
    };
  }

  @Override
  public Optional<ExecSession> session(String session) {
    return sessions.find(session);
  }

  @Override
  public Usage usage() throws DriverException {
    End over = guest.end();
    long written = guest.outputEnd();
    Activity qemu = machine;
    if (over != null) {
      return new Usage(over.cpuNanos(), 0, over.memoryPeak(), -1, written);
    }
    if (qemu == null) {
      return new Usage(-1, -1, -1, -1, written);
    }
    Usage used = qemu.usage();
    // What a guest writes is in its memory.
    return new Usage(used.cpuNanos(), used.memory(), used.memoryPeak(), -1, written);
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    if (state() != State.TERMINATED) {
      try {
        folder.markStop();
      } catch (IOException e) {
        log.debug("no mark that {} is to stop", id);
      }
      kill();
      if (!guest.awaitEnd(Duration.ofSeconds(30))) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "run " + id + " did not end 30 s after its QEMU was killed",
            "see whether the disk of " + folder.path() + " is full");
      }
    }
    try {
      close();
      folder.delete();
      forget.run();
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of " + id + " cannot be removed: " + e.getMessage(),
          "remove " + folder.path() + " by hand",
          e);
    }
  }
}
