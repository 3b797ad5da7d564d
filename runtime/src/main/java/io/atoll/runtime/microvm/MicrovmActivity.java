package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.OutputNotices;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.guest.GuestSessions;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.saved.DeepFile.Remembered;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One guest, as this daemon sees it. One virtual thread talks to its agent and draws the
/// conclusion when QEMU is gone. QEMU is a process run, and goes before the end is told.
///
/// A guest that gave its memory back has neither QEMU nor conversation: nobody is there whose end
/// could be taken for the run's. A stop with grace brings it back to be told; one without ends it
/// where it lies.
final class MicrovmActivity
    implements Activity, DeepSuspend, Enterable, EndTime, OutputNotices, Networked, Readdressable {
  private static final Logger log = LoggerFactory.getLogger(MicrovmActivity.class);

  /// What a guest gets beyond the grace, before its QEMU is killed.
  private static final Duration LATE = Duration.ofSeconds(5);

  /// What commands beside a payload that ended get to tell their own ends.
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final Duration QMP_LIMIT = Duration.ofSeconds(20);

  private static final Duration MOVED_WITHIN = Duration.ofSeconds(10);

  private final RunId id;
  private final MicrovmFolder folder;
  private final Hypervisors hypervisors;
  private final DeepSleep sleep;
  private final byte[] words;
  private final GuestState guest;
  private final GuestSessions sessions;
  private final Runnable forget;
  private volatile GuestCards cards; // set under moving

  /// A guest that is in memory.
  private record Session(Activity qemu, Conversation talk, Thread watcher) {
    /// Returns once nobody talks to the guest and nobody writes to the folder.
    void leave() throws InterruptedException {
      talk.leave();
      watcher.interrupt();
      watcher.join();
    }
  }

  /// Held while a guest goes out of memory, comes back or is ended there: one at a time.
  private final ReentrantLock moving = new ReentrantLock();

  /// Null for a guest that is not in memory, and once this daemon let go of it. Set under `moving`.
  private volatile @Nullable Session session;

  /// @param words for a payload that the guest has not begun
  /// @param cards as they are now
  /// @param forget is called once nothing is left
  MicrovmActivity(
      RunId id,
      MicrovmFolder folder,
      Hypervisors hypervisors,
      DeepSleep sleep,
      byte[] words,
      GuestState guest,
      GuestCards cards,
      Runnable forget) {
    this.id = id;
    this.folder = folder;
    this.hypervisors = hypervisors;
    this.sleep = sleep;
    this.words = words;
    this.guest = guest;
    this.cards = cards;
    this.sessions = sessions(id, folder, hypervisors);
    if (guest.end() != null) {
      sessions.ended();
    }
    this.forget = forget;
  }

  private static GuestSessions sessions(RunId id, MicrovmFolder folder, Hypervisors hypervisors) {
    return new GuestSessions(
        "the guest of run " + id, folder.path(), hypervisors.work(id).resolve("exec"));
  }

  /// Begins to talk to the agent; returns once the payload runs, or the run has ended, or the time
  /// is over: then the run is ended.
  void begin(Activity qemu, OutputWriter writer, Duration atMost) throws InterruptedException {
    attach(qemu, writer);
    if (!guest.awaitBegun(atMost)) {
      kill();
      guest.awaitEnd(LATE.plus(LATE));
    }
  }

  /// As `begin`, for a run that is found again: nothing is ended for being slow.
  void beginAgain(Activity qemu, OutputWriter writer) throws InterruptedException {
    attach(qemu, writer);
    if (state() == State.RUNNING) {
      guest.awaitKnown(Duration.ofSeconds(5));
    }
  }

  private void attach(Activity qemu, OutputWriter writer) {
    Conversation talk =
        new Conversation(id, folder, hypervisors, writer, words, guest, folder.cpuBefore());
    Thread watcher = Thread.ofVirtual().name("microvm " + id).start(() -> watch(talk, qemu));
    session = new Session(qemu, talk, watcher);
  }

  private void kill() throws InterruptedException {
    try {
      Session now = session;
      if (now != null) {
        now.qemu().stop(Duration.ZERO);
      }
    } catch (DriverException e) {
      log.warn("the QEMU of run {} does not end: {}", id, e.text());
    }
  }

  // ---- the thread that talks to the agent

  private void watch(Conversation talk, Activity qemu) {
    try {
      End found = talk.untilEnd(qemu);
      if (found != null) {
        talk.settle(found);
        conclude(found, qemu);
      }
    } catch (InterruptedException e) {
      log.debug("run {} is no longer watched", id);
    } catch (RuntimeException e) {
      log.error("run {} is no longer watched", id, e);
    } finally {
      talk.close();
    }
  }

  private void conclude(End found, Activity qemu) throws InterruptedException {
    sessions.awaitQuiet(LAST_WORDS);
    sleep.end(qemu);
    hypervisors.removeMeeting(id);
    sessions.ended();
    forget.run();
    guest.setEnd(found);
  }

  /// Lets go of it: the guest goes on, the folder is no longer written.
  void close() throws InterruptedException {
    Session now = session;
    if (now != null) {
      now.leave();
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
    String notWoken = "";
    if (state() == State.SUSPENDED && grace.isPositive()) {
      notWoken = resumeToStop();
    }
    // Without grace the guest still gets a moment: its last output is in its ring.
    Duration last = sessions.busy() ? LAST_WORDS.plusMillis(500) : Duration.ofMillis(500);
    Duration moment = grace.isPositive() ? grace.plus(LATE) : last;
    if (session == null || !guest.awaitEnd(moment)) {
      end(notWoken);
    }
  }

  /// @return why it is ended without having been told; empty if it goes on
  private String resumeToStop() throws InterruptedException {
    try {
      resume();
      return "";
    } catch (DriverException e) {
      return "it was suspended, and ended there: " + e.text();
    }
  }

  /// Ends it, wherever it is.
  private void end(String why) throws DriverException, InterruptedException {
    kill();
    moving.lockInterruptibly(); // whoever moves it finds QEMU gone, or has put it into the file
    try {
      if (session == null && guest.end() == null) {
        endAsleep(why);
        return;
      }
      kill();
    } finally {
      moving.unlock();
    }
    if (!guest.awaitEnd(Duration.ofSeconds(30))) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "run " + id + " did not end 30 s after its QEMU was killed",
          "look for processes in state D, and whether the disk of " + folder.path() + " is full");
    }
  }

  /// The end of a guest that is not in memory: on disk before its file goes.
  private void endAsleep(String why) throws DriverException, InterruptedException {
    hypervisors.remove(id);
    try {
      long cpu = sleep.file().exists() ? sleep.file().remembered().cpuNanos() : -1;
      Exit exit = new Exit(Exit.Cause.STOPPED, 137, why);
      End end = new End(exit, Instant.now(), guest.outputEnd(), cpu, -1);
      folder.writeEnd(end);
      sleep.file().drop();
      sessions.ended();
      forget.run();
      guest.setEnd(end);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "the end of run " + id + " could not be written: " + e.getMessage(),
          "free space on the disk of " + folder.path(),
          e);
    }
  }

  @Override
  public void suspend() throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      setSuspended(true);
    } finally {
      moving.unlock();
    }
  }

  @Override
  public void resume() throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      if (session != null || state() == State.TERMINATED) {
        setSuspended(false);
        return;
      }
      wake();
    } finally {
      moving.unlock();
    }
  }

  private void wake() throws DriverException, InterruptedException {
    try {
      OutputWriter writer = OutputWriter.open(folder.path());
      try {
        attach(sleep.wake(), writer);
      } finally {
        if (session == null) {
          writer.close();
        }
      }
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "run " + id + " could not be brought back into memory: " + e.getMessage(),
          "it is still suspended; try again, or stop it",
          e);
    }
    sleep.reached(DeepStep.DROPPED);
    setSuspended(false);
    sleep.reached(DeepStep.GOING);
  }

  @Override
  public void suspendDeep() throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      Session now = session;
      if (now == null || state() == State.TERMINATED) {
        return;
      }
      setSuspended(true);
      if (state() == State.TERMINATED) {
        return;
      }
      sleep.reached(DeepStep.STANDING);
      saveAndLeave(now);
    } finally {
      moving.unlock();
    }
  }

  @Override
  public boolean deep() {
    return session == null && state() == State.SUSPENDED;
  }

  private void saveAndLeave(Session now) throws DriverException, InterruptedException {
    boolean left = false;
    try {
      sleep.save(sleep.plan(), now.qemu());
      sleep.reached(DeepStep.SAVED);
      left = true;
      now.leave();
      sleep.reached(DeepStep.SILENT);
      End found = folder.readEnd();
      if (found != null) {
        conclude(found, now.qemu()); // the guest had said so before it was stopped
      } else {
        now.talk().needForced();
        sleep.file().commit();
        session = null;
      }
    } catch (IOException e) {
      if (!guest.awaitEnd(Duration.ofSeconds(1))) {
        throw notSaved(e);
      }
    } finally {
      if (session != null) {
        dropDraft();
        if (left && state() != State.TERMINATED) {
          now.watcher().join();
          attachAgain(now.qemu());
        }
      }
    }
    if (session == null) {
      sleep.reached(DeepStep.NAMED);
      sleep.end(now.qemu());
      sleep.reached(DeepStep.GONE);
    }
  }

  private DriverException notSaved(IOException e) {
    boolean full = String.valueOf(e).contains("No space left");
    return new DriverException(
        full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
        "run " + id + " is suspended, but could not give its memory back: " + e.getMessage(),
        full ? "free space on the disk of " + folder.path() : "try again, or resume it",
        e);
  }

  private void dropDraft() {
    try {
      sleep.file().dropDraft();
    } catch (IOException e) {
      log.warn("a draft is left in {}: {}", folder.path(), e.toString());
    }
  }

  private void attachAgain(Activity qemu) {
    try {
      attach(qemu, OutputWriter.open(folder.path()));
    } catch (IOException e) {
      log.error("nobody listens to run {} until the daemon is started again", id, e);
    }
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
  public CardEnd end(NetworkId network) throws DriverException {
    if (state() == State.TERMINATED) {
      throw ended("a card is a running payload's");
    }
    return cards.end(id, network, hypervisors.meeting(id));
  }

  /// The guest is told now, or, where it stands still, when it goes on.
  @Override
  public void readdress(NetworkCard wanted) throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      if (state() == State.TERMINATED) {
        throw ended("its addresses are free");
      }
      GuestCards now = cards.moved(id, wanted);
      if (now.equals(cards)) {
        return;
      }
      now.write(folder.path());
      cards = now;
      guest.move(now, MOVED_WITHIN);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the card of run "
              + id
              + " in network "
              + wanted.network()
              + " did not get its new"
              + " addresses: "
              + e.getMessage(),
          "it may have the old ones, the new ones or both; try again",
          e);
    } finally {
      moving.unlock();
    }
  }

  private DriverException ended(String hint) {
    return new DriverException(ErrorCode.CONFLICT, "run " + id + " has ended", hint);
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
    if (over != null) {
      return new Usage(over.cpuNanos(), 0, over.memoryPeak(), -1, written);
    }
    Session now = session;
    if (now == null) {
      return asleep(written);
    }
    Usage used = now.qemu().usage();
    long cpu = used.cpuNanos() < 0 ? -1 : folder.cpuBefore() + used.cpuNanos();
    // What a guest writes is in its memory.
    return new Usage(cpu, used.memory(), used.memoryPeak(), -1, written);
  }

  /// Its memory is on the disk.
  private Usage asleep(long written) {
    try {
      Remembered remembered = sleep.file().remembered();
      long disk = sleep.file().size();
      return new Usage(remembered.cpuNanos(), 0, remembered.memoryPeak(), disk, written);
    } catch (IOException e) {
      return new Usage(-1, -1, -1, -1, written);
    }
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    if (state() != State.TERMINATED) {
      try {
        folder.markStop();
      } catch (IOException e) {
        log.debug("no mark that {} is to stop", id);
      }
      end("");
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
