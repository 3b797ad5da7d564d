package io.atoll.runtime.process;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Children;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.card.CardLine;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.cgroup.RunGroup;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
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
import io.atoll.runtime.process.SupervisorLink.Said;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One run, as this daemon sees it: a virtual thread listens to the supervisor and draws the
/// conclusion when that falls silent. The truth lies in the run's folder.
final class ProcessActivity
    implements Activity, Enterable, EndTime, OutputNotices, Networked, Readdressable {
  private final ActivitySpec spec;
  private final RunFolder folder;
  private final RunGroup group;
  private final DiskUse disk;
  private final Runnable onRemoval;
  private final ProcessExec exec;

  /// The supervisor, if it is a child of this JVM; else -1.
  private final int child;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable SupervisorLink link; // guarded by lock
  private @Nullable RunRecord record; // guarded by lock
  private boolean known; // a supervisor said hello, or it has ended; guarded by lock
  private boolean started; // guarded by lock
  private int supervisor = -1; // guarded by lock
  private int payload = -1; // guarded by lock
  private long outputEnd; // guarded by lock
  private boolean suspended; // guarded by lock

  /// @param program the supervisor's, for commands beside the payload
  /// @param child pid of the supervisor if we spawned it, else -1
  /// @param onRemoval gives back what the driver holds for the run; called once its folder is gone
  ProcessActivity(
      ActivitySpec spec,
      RunFolder folder,
      RunGroup group,
      Path program,
      int child,
      Runnable onRemoval) {
    this.exec = new ProcessExec(folder, program);
    this.spec = spec;
    this.folder = folder;
    this.group = group;
    this.disk = new DiskUse(folder.work());
    this.child = child;
    this.onRemoval = onRemoval;
  }

  /// A run that has ended already.
  static ProcessActivity ended(
      ActivitySpec spec,
      RunFolder folder,
      RunGroup group,
      Path program,
      RunRecord record,
      Runnable onRemoval) {
    ProcessActivity activity = new ProcessActivity(spec, folder, group, program, -1, onRemoval);
    activity.lock.lock();
    try {
      activity.record = record;
    } finally {
      activity.lock.unlock();
    }
    return activity;
  }

  /// Begins to listen, and returns once the payload runs, the run has ended, or (for one found
  /// again) its supervisor has answered.
  void begin(boolean foundAgain) throws InterruptedException {
    Thread.ofVirtual().name("run-" + spec.id()).start(this::watch);
    lock.lockInterruptibly();
    try {
      while (record == null && !started && !(foundAgain && known)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- the listening thread

  private void watch() {
    try {
      RunRecord end = listenUntilEnd();
      lock.lock();
      try {
        record = end;
        link = null;
        outputEnd = Math.max(outputEnd, end.outputEnd());
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      while (child > 0 && !Children.reap(child)) {
        Thread.sleep(1);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private RunRecord listenUntilEnd() throws InterruptedException {
    while (true) {
      try (SupervisorLink connection = SupervisorLink.connect(folder.socket())) {
        return listen(connection);
      } catch (IOException silent) {
        setLink(null);
      }
      Optional<RunRecord> end = conclude();
      if (end.isPresent()) {
        return end.get();
      }
      Thread.sleep(10); // it lives and dropped us, or is just about to write its end
    }
  }

  private RunRecord listen(SupervisorLink connection) throws IOException {
    setLink(connection);
    while (true) {
      switch (connection.read()) {
        case Said.Ended(RunRecord end) -> {
          return end;
        }
        case Said.Hello hello -> {
          boolean still = !group.freezes() && ProcessTable.stopped(hello.supervisor());
          payload(hello.payload());
          update(hello.supervisor(), hello.started(), hello.outputEnd(), still || group.frozen());
        }
        case Said.Started now -> {
          payload(now.payload());
          update(-1, true, 0, false);
        }
        case Said.Output output -> update(-1, false, output.end(), false);
      }
    }
  }

  private void payload(int pid) {
    lock.lock();
    try {
      payload = pid > 0 ? pid : payload;
    } finally {
      lock.unlock();
    }
  }

  private void setLink(@Nullable SupervisorLink connection) {
    lock.lock();
    try {
      link = connection;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void update(int pid, boolean runs, long end, boolean isSuspended) {
    lock.lock();
    try {
      known = true;
      supervisor = pid > 0 ? pid : supervisor;
      started |= runs;
      outputEnd = Math.max(outputEnd, end);
      suspended |= isSuspended;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What the folder says about a run whose supervisor is silent; empty if somebody holds the lock.
  private Optional<RunRecord> conclude() throws InterruptedException {
    try {
      return Judgement.of(folder, spec.id().toString());
    } catch (NoSuchFileException gone) {
      return Optional.of(RunRecord.of(Exit.lost("the folder of the run was removed under it")));
    } catch (IOException e) {
      return Optional.of(
          RunRecord.of(Exit.lost("the folder of the run cannot be read: " + e.getMessage())));
    }
  }

  // ---- what callers see

  @Override
  public RunId id() {
    return spec.id();
  }

  @Override
  public State state() {
    lock.lock();
    try {
      return record != null ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of();
  }

  @Override
  public Exit await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      RunRecord end = record;
      while (end == null) {
        changed.await();
        end = record;
      }
      return end.exit();
    } finally {
      lock.unlock();
    }
  }

  /// @return whether it has ended
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (record == null && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return record != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (record == null && outputEnd <= beyond && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return outputEnd;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop(Duration grace) throws DriverException, InterruptedException {
    stop(grace, "");
  }

  /// @param reason for people, into the exit's detail
  void stop(Duration grace, String reason) throws DriverException, InterruptedException {
    if (connected() == null) {
      return;
    }
    boolean wake = !group.freezes() && state() == State.SUSPENDED;
    lock.lockInterruptibly();
    try {
      SupervisorLink told = null;
      long nanos = grace.plusSeconds(30).toNanos();
      while (record == null && nanos > 0) {
        SupervisorLink now = link;
        if (now != null && now != told) {
          told = now; // again, if the connection was lost in between
          tell(now, grace, reason, wake);
        }
        nanos = changed.awaitNanos(nanos);
      }
      if (record == null) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "run " + spec.id() + " did not end 30 s after it was killed",
            "look for processes in state D: a disk or a network file system may hang");
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell(SupervisorLink connection, Duration grace, String reason, boolean wake) {
    try {
      connection.stop(grace, reason);
      if (wake) {
        ProcessTable.signalTree(supervisor, Children.SIGCONT); // a frozen group it thaws itself
      }
      suspended = false;
    } catch (IOException e) {
      // It falls silent just now: the listening thread finds out how the run ended.
    }
  }

  /// Waits for a connection; null if the run has ended.
  private @Nullable SupervisorLink connected() throws DriverException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(30);
      while (record == null && link == null && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (record == null && link == null) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "the supervisor of " + spec.id() + " holds its lock and answers nobody",
            "see whether the process that locks " + folder.file("lock") + " is stopped");
      }
      return record != null ? null : link;
    } finally {
      lock.unlock();
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
    if (connected() == null || (state() == State.SUSPENDED) == wanted) {
      return;
    }
    try {
      if (!group.freezes()) {
        signalAll(wanted ? Children.SIGSTOP : Children.SIGCONT);
      } else if (wanted) {
        group.freeze();
      } else {
        group.thaw();
      }
    } catch (IOException e) {
      if (state() == State.TERMINATED) {
        return; // it ended meanwhile, and its group with it
      }
      throw new DriverException(
          ErrorCode.INTERNAL,
          (wanted ? "suspending " : "resuming ") + spec.id() + " failed: " + e.getMessage(),
          "stop it if it must not run",
          e);
    }
    lock.lockInterruptibly();
    try {
      suspended = wanted;
    } finally {
      lock.unlock();
    }
  }

  private void signalAll(int signal) throws IOException {
    int pid;
    lock.lock();
    try {
      pid = supervisor;
    } finally {
      lock.unlock();
    }
    if (pid > 0) {
      ProcessTable.signalTree(pid, signal);
    }
  }

  @Override
  public ExecSession exec(ExecSpec command) throws DriverException, InterruptedException {
    boolean gone = connected() == null;
    int keeper;
    int beside;
    lock.lock();
    try {
      keeper = supervisor;
      beside = payload;
    } finally {
      lock.unlock();
    }
    if (gone || beside < 0) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " has ended",
          "a command needs a payload that runs");
    }
    if (state() == State.SUSPENDED) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " is suspended, and a command beside it would be so too",
          "resume it first");
    }
    return exec.begin(command, keeper, beside);
  }

  @Override
  public Optional<ExecSession> session(String id) {
    return exec.find(id);
  }

  @Override
  public CardEnd end(NetworkId network) throws DriverException, InterruptedException {
    needCards();
    try {
      return CardLine.device(folder.socket(), spec.id(), network);
    } catch (IOException e) {
      throw noAnswer("handed over its card of network " + network, e);
    }
  }

  @Override
  public void readdress(NetworkCard card) throws DriverException, InterruptedException {
    needCards();
    try {
      CardLine.readdress(folder.socket(), spec.id(), card);
      HostsFile.readdress(folder.path().resolve(HostsFile.NAME), card);
    } catch (IOException e) {
      throw noAnswer("changed the address of " + card.device(), e);
    }
  }

  private void needCards() throws DriverException, InterruptedException {
    if (connected() == null) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " has ended, and its cards with it",
          "start the task again");
    }
  }

  private DriverException noAnswer(String what, IOException e) throws InterruptedException {
    boolean over = awaitEnd(Duration.ofSeconds(5));
    return new DriverException(
        over ? ErrorCode.CONFLICT : ErrorCode.INTERNAL,
        "the supervisor of run " + spec.id() + " has not " + what + ": " + e.getMessage(),
        over ? "it has ended; start the task again" : "try again",
        e);
  }

  @Override
  public Optional<Instant> endedAt() {
    lock.lock();
    try {
      RunRecord end = record;
      return end == null || end.endedNanos() == 0
          ? Optional.empty()
          : Optional.of(Instant.ofEpochSecond(0, end.endedNanos()));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Usage usage() {
    lock.lock();
    try {
      RunRecord end = record;
      if (end != null) {
        return new Usage(end.cpuNanos(), 0, end.memoryPeak(), disk.bytes(), end.outputEnd());
      }
    } finally {
      lock.unlock();
    }
    return new Usage(
        group.cpuNanos(), group.memory(), group.memoryPeak(), disk.bytes(), outputSoFar());
  }

  private long outputSoFar() {
    lock.lock();
    try {
      return outputEnd;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    stop(Duration.ZERO);
    try {
      folder.delete();
      onRemoval.run();
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of " + spec.id() + " cannot be removed: " + e.getMessage(),
          "remove " + folder.path() + " by hand",
          e);
    }
  }
}
