package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.OutputNotices;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One guest, as this daemon sees it. One virtual thread talks to its agent: starts the payload,
/// writes what it says, and draws the conclusion when QEMU is gone. QEMU is a process run, and goes
/// before the end is told.
final class MicrovmActivity implements Activity, EndTime, OutputNotices {
  private static final Logger log = LoggerFactory.getLogger(MicrovmActivity.class);

  /// What a guest gets beyond the grace, before its QEMU is killed.
  private static final Duration LATE = Duration.ofSeconds(5);

  private static final Duration QMP_LIMIT = Duration.ofSeconds(20);

  private final RunId id;
  private final MicrovmFolder folder;
  private final @Nullable Activity machine;
  private final Hypervisors hypervisors;
  private final @Nullable OutputWriter writer;
  private final byte[] words;
  private final Runnable forget;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable AgentLink link; // guarded by lock
  private @Nullable End end; // guarded by lock
  private boolean known; // the agent said what there is; guarded by lock
  private boolean started; // guarded by lock
  private boolean suspended; // guarded by lock
  private @Nullable Duration stopping; // grace; guarded by lock
  private String failure = ""; // why we ended it; guarded by lock
  private long outputEnd; // guarded by lock
  private volatile boolean closed;
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
    this.writer = writer;
    this.words = words;
    this.suspended = suspended;
    this.outputEnd = writer.end();
    this.forget = forget;
  }

  /// A run that has ended already.
  MicrovmActivity(
      RunId id, MicrovmFolder folder, Hypervisors hypervisors, End end, Runnable forget) {
    this.id = id;
    this.folder = folder;
    this.machine = null;
    this.hypervisors = hypervisors;
    this.writer = null;
    this.words = new byte[0];
    this.end = end;
    this.outputEnd = end.outputEnd();
    this.forget = forget;
  }

  /// Begins to talk to the agent; returns once the payload runs, or the run has ended, or the time
  /// is over: then the run is ended.
  void begin(Duration atMost) throws InterruptedException {
    watcher = Thread.ofVirtual().name("microvm " + id).start(this::watch);
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && !started && !suspended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (end != null || started || suspended) {
        return;
      }
      failure = "the guest did not begin in " + atMost.toSeconds() + " s";
    } finally {
      lock.unlock();
    }
    kill();
    awaitEnd(LATE.plus(LATE));
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
    try {
      OutputWriter out = writer;
      Activity qemu = machine;
      if (out == null || qemu == null) {
        throw new IllegalStateException("an ended run is not watched");
      }
      End found = untilEnd(out, qemu);
      if (found != null) {
        conclude(found, out, qemu);
      }
      out.close();
    } catch (InterruptedException e) {
      log.debug("run {} is no longer watched", id);
    } catch (IOException | RuntimeException e) {
      log.error("run {} is no longer watched", id, e);
    }
  }

  private void conclude(End found, OutputWriter out, Activity qemu) throws InterruptedException {
    untilWritten(out::force);
    untilWritten(() -> folder.writeEnd(found));
    try {
      qemu.destroy();
    } catch (DriverException e) {
      log.warn("the QEMU of run {} left something behind: {}", id, e.text());
    }
    forget.run();
    lock.lock();
    try {
      end = found;
      link = null;
      outputEnd = Math.max(outputEnd, found.outputEnd());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Null once this activity was closed.
  private @Nullable End untilEnd(OutputWriter out, Activity qemu) throws InterruptedException {
    while (!closed) {
      try (AgentLink connection = AgentLink.open(hypervisors.work(id).resolve("agent"))) {
        return talk(connection, out, qemu);
      } catch (IOException silent) {
        setLink(null);
      }
      if (!closed && qemu.state() == State.TERMINATED) {
        return withoutTheGuestsWord(qemu.await(), qemu);
      }
      if (!closed) {
        Thread.sleep(5); // QEMU makes its socket just now, or dies just now
      }
    }
    return null;
  }

  private End talk(AgentLink connection, OutputWriter out, Activity qemu)
      throws IOException, InterruptedException {
    AgentMessage.Welcome welcome = connection.greet(out.end());
    switch (welcome.phase()) {
      case WAITING -> {
        untilWritten(folder::markBegan); // before the payload may begin
        connection.start(words);
      }
      case RUNNING, ENDED -> {}
    }
    setLink(connection);
    while (true) {
      switch (connection.read()) {
        case AgentMessage.Output output -> take(output, out, connection);
        case AgentMessage.Started _ -> {
          lock.lock();
          try {
            started = true;
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        }
        case AgentMessage.Ended ended -> {
          return new End(
              stopped(ended.exit()), ended.at(), out.end(), cpuOf(qemu), ended.memoryPeak());
        }
        case AgentMessage.Welcome _ -> {} // said twice
      }
    }
  }

  /// A stop that ended QEMU before its guest may have come too late for the guest to know.
  private Exit stopped(Exit exit) {
    return exit.cause() == Exit.Cause.SIGNALED && folder.stopAsked()
        ? new Exit(Exit.Cause.STOPPED, exit.code(), "")
        : exit;
  }

  private void take(AgentMessage.Output output, OutputWriter out, AgentLink connection)
      throws IOException, InterruptedException {
    ByteBuffer data = output.data();
    long skip = out.end() - output.offset();
    if (skip < 0) {
      throw new IOException("the guest left out " + -skip + " bytes of its output");
    }
    if (skip < data.remaining()) {
      data.position((int) skip);
      Instant now = Instant.now();
      long time = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      untilWritten(() -> out.append(output.stream(), time, data));
    }
    connection.ack(out.end());
    lock.lock();
    try {
      outputEnd = out.end();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void setLink(@Nullable AgentLink connection) {
    lock.lock();
    try {
      link = connection;
      known |= connection != null;
      Duration grace = stopping;
      if (connection != null && grace != null) {
        tell(connection, grace);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// How a run ended whose guest cannot say it any more.
  private End withoutTheGuestsWord(Exit qemu, Activity machineNow) {
    String said = hypervisors.lastWords(id);
    boolean panicked = said.contains("Kernel panic");
    String ours;
    lock.lock();
    try {
      ours = failure;
    } finally {
      lock.unlock();
    }
    String why =
        !ours.isEmpty()
            ? ours
            : panicked
                ? "the guest's kernel died: " + said.substring(said.indexOf("Kernel panic"))
                : qemu.cause() == Exit.Cause.OUT_OF_MEMORY
                    ? "QEMU used more memory than its guest and its own limit"
                    : qemu.cause() == Exit.Cause.EXITED && qemu.code() == 0
                        ? "the guest turned its machine off"
                        : "QEMU ended (" + words(qemu) + ")" + (said.isEmpty() ? "" : ": " + said);
    Exit exit =
        !folder.began()
            ? Exit.startFailed(why)
            : folder.stopAsked()
                ? new Exit(Exit.Cause.STOPPED, 137, ours)
                : !ours.isEmpty() ? Exit.startFailed(why) : Exit.lost(why);
    long cpu = cpuOf(machineNow);
    lock.lock();
    try {
      return new End(exit, endOf(machineNow), outputEnd, cpu, -1);
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable Instant endOf(Activity qemu) {
    return qemu instanceof EndTime ended ? ended.endedAt().orElse(null) : null;
  }

  private long cpuOf(Activity qemu) {
    try {
      return qemu.usage().cpuNanos();
    } catch (DriverException e) {
      log.debug("no usage of {}: {}", id, e.text());
      return -1;
    }
  }

  private static String words(Exit qemu) {
    return qemu.cause() + " " + qemu.code() + (qemu.detail().isEmpty() ? "" : ", " + qemu.detail());
  }

  private interface Write {
    void run() throws IOException;
  }

  /// A full disk holds the payload up, and loses nothing.
  private void untilWritten(Write write) throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        write.run();
        return;
      } catch (IOException e) {
        if (!told) {
          log.warn("cannot write to the folder of run {}; trying on: {}", id, e.toString());
          told = true;
        }
        Thread.sleep(1000);
      }
    }
  }

  /// Lets go of it: the guest goes on, the folder is no longer written.
  void close() throws InterruptedException {
    closed = true;
    Thread watching = watcher;
    if (watching != null) {
      watching.interrupt();
      watching.join();
    }
  }

  // ---- what callers see

  @Override
  public RunId id() {
    return id;
  }

  @Override
  public State state() {
    lock.lock();
    try {
      return end != null ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
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
      End found = end;
      while (found == null) {
        changed.await();
        found = end;
      }
      return found.exit();
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitEnd(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return end != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Instant> endedAt() {
    lock.lock();
    try {
      End found = end;
      return found == null ? Optional.empty() : Optional.ofNullable(found.at());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = atMost.toNanos();
      while (end == null && outputEnd <= beyond && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return outputEnd;
    } finally {
      lock.unlock();
    }
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
    lock.lockInterruptibly();
    try {
      stopping = grace;
      AgentLink now = link;
      if (now != null) {
        tell(now, grace);
      }
    } finally {
      lock.unlock();
    }
    if (state() == State.SUSPENDED && grace.isPositive()) {
      resume();
    }
    // Without grace the guest still gets a moment: its last output is in its ring.
    if (!awaitEnd(grace.isPositive() ? grace.plus(LATE) : Duration.ofMillis(500))) {
      kill();
      if (!awaitEnd(Duration.ofSeconds(30))) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "run " + id + " did not end 30 s after its QEMU was killed",
            "look for processes in state D, and whether the disk of " + folder.path() + " is full");
      }
    }
  }

  private void tell(AgentLink connection, Duration grace) {
    try {
      connection.stop(grace);
    } catch (IOException e) {
      log.debug("run {} was not told to stop; it will be when it is back", id);
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
      if (awaitEnd(Duration.ofSeconds(1))) {
        return;
      }
      throw new DriverException(
          ErrorCode.INTERNAL,
          (wanted ? "suspending " : "resuming ") + id + " failed: " + e.getMessage(),
          "stop it if it must not run",
          e);
    }
    lock.lockInterruptibly();
    try {
      suspended = wanted;
      AgentLink agent = link;
      if (!wanted && agent != null) {
        agent.clock(); // the guest's stood still
      }
      changed.signalAll();
    } catch (IOException e) {
      log.debug("the clock of run {} stays behind: {}", id, e.toString());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Usage usage() throws DriverException {
    End over;
    long written;
    lock.lock();
    try {
      over = end;
      written = outputEnd;
    } finally {
      lock.unlock();
    }
    Activity qemu = machine;
    if (over != null || qemu == null) {
      return over == null
          ? new Usage(-1, -1, -1, 0, written)
          : new Usage(over.cpuNanos(), 0, over.memoryPeak(), 0, written);
    }
    Usage used = qemu.usage();
    // What a guest writes is in its memory.
    return new Usage(used.cpuNanos(), used.memory(), used.memoryPeak(), 0, written);
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
      if (!awaitEnd(Duration.ofSeconds(30))) {
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

  /// Waits until the agent has said what there is, the run has ended, or the time is over.
  void awaitKnown(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(atMost.toMillis());
      while (end == null && !known && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// As `begin`, for a run that is found again: nothing is ended for being slow.
  void beginAgain() throws InterruptedException {
    watcher = Thread.ofVirtual().name("microvm " + id).start(this::watch);
    if (state() == State.RUNNING) {
      awaitKnown(Duration.ofSeconds(5));
    }
  }
}
