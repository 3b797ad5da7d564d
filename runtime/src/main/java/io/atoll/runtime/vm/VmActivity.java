package io.atoll.runtime.vm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
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
import io.atoll.runtime.driver.Snapshot;
import io.atoll.runtime.driver.Snapshots;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.guest.GuestSessions;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One machine, as this daemon sees it: QEMU is a process under its supervisor, and what it does is
/// asked over QMP. The truth about its end lies in the run's folder.
public final class VmActivity
    implements Activity,
        DeepSuspend,
        Enterable,
        OutputNotices,
        EndTime,
        Snapshots,
        Networked,
        Readdressable {
  /// How often it is looked whether the command has told its end.
  private static final Duration GLANCE = Duration.ofSeconds(1);

  /// For a guest that then writes to its disk what it has.
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(VmActivity.class);
  private static final Duration PRESS_AGAIN = Duration.ofSeconds(4);
  private static final Duration SNAPSHOT = Duration.ofMinutes(5);
  private static final String[] NO_ROOM = {"0", "0", "0"};

  private final Activity process;
  private final VmFolder folder;
  private final String program;
  private final VmListener listener;
  private final GuestSessions sessions;
  private final CompletableFuture<Exit> end = new CompletableFuture<>();
  private volatile List<Endpoint> endpoints = List.of();
  private volatile boolean suspended;

  /// It went back to a snapshot while it stood still.
  private volatile boolean stale;

  /// Its addresses may be others since it stands still.
  private volatile boolean readdressed;

  /// Its machine is in the file. Set under `moving`.
  private volatile boolean deep;

  /// Held while it is suspended, resumed, moves between QEMU and its file, or has an order about
  /// its snapshots.
  private final ReentrantLock moving = new ReentrantLock();

  private final VmSleep sleep;
  private volatile VmPhase phase = new VmPhase(VmPhase.Kind.BOOTING, "QEMU has started");

  /// @param program what the guest runs, whose end is the run's; empty: nothing
  VmActivity(Activity process, VmFolder folder, String program, VmListener listener) {
    this.process = process;
    this.folder = folder;
    this.program = program;
    this.listener = listener;
    this.sessions =
        new GuestSessions("machine " + process.id(), folder.path(), folder.work(VmFolder.EXEC));
    this.sleep = new VmSleep(folder);
    Thread.ofVirtual().name("vm-" + process.id()).start(this::watchEnd);
    if (!program.isEmpty()) {
      Thread.ofVirtual().name("vm-off-" + process.id()).start(this::watchTold);
    }
  }

  private void watchEnd() {
    try {
      Exit exit = new VmJudgement(folder, program).judge(process.await());
      sessions.ended();
      end.complete(exit);
      tell(VmPhase.Kind.ENDED, exit.detail().isEmpty() ? "it has ended" : exit.detail());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /// A command's end turns the machine off; what was root in it may have broken that. Then it is
  /// turned off from outside.
  private void watchTold() {
    try {
      while (!awaitEnd(GLANCE)) {
        if (!suspended && folder.said().isPresent() && !awaitEnd(FAREWELL) && !suspended) {
          log.info("{}: its command has ended and it stays on: it is turned off", id());
          tell("quit");
        }
      }
    } catch (QmpException e) {
      log.warn("{}: it cannot be turned off, `atoll stop` ends it: {}", id(), e.toString());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  void tell(VmPhase.Kind kind, String cause) {
    VmPhase next = new VmPhase(kind, cause);
    if (end.isDone() && kind != VmPhase.Kind.ENDED) {
      return;
    }
    phase = next;
    listener.phase(id(), next);
  }

  /// How far it is.
  public VmPhase phase() {
    return phase;
  }

  VmFolder folder() {
    return folder;
  }

  Path agentSocket() {
    return folder.work(VmFolder.AGENT);
  }

  boolean ended() {
    return end.isDone();
  }

  /// A new connection to QEMU. It serves one at a time: whoever has one closes it at once, so that
  /// nobody, a daemon that comes back least of all, waits for another.
  Qmp qmp(Duration atMost) throws QmpException, InterruptedException {
    return Qmp.connect(folder.work(VmFolder.QMP), atMost, event -> {});
  }

  private void tell(String command) throws QmpException, InterruptedException {
    try (Qmp qmp = qmp(Qmp.SHORT)) {
      qmp.execute(command);
    }
  }

  /// Learns what QEMU knows: whether it stands still, and which ports of the host lead to it.
  void learn(Qmp qmp) throws QmpException, InterruptedException {
    suspended = VmSleep.still(qmp.execute("query-status").path("status").asText());
    ObjectNode ask = Json.mapper().createObjectNode().put("command-line", "info usernet");
    endpoints = Forwards.parse(qmp.execute("human-monitor-command", ask, Qmp.SHORT).asText());
  }

  @Override
  public RunId id() {
    return process.id();
  }

  @Override
  public State state() {
    return end.isDone() ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  @Override
  public Exit await() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean awaitEnd(Duration atMost) throws InterruptedException {
    try {
      end.get(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    if (process instanceof OutputNotices notices) {
      return notices.awaitOutput(beyond, atMost);
    }
    boolean _ = awaitEnd(atMost);
    return beyond;
  }

  @Override
  public Optional<Instant> endedAt() {
    return process instanceof EndTime times ? times.endedAt() : Optional.empty();
  }

  /// Presses the power button, again and again: a guest that is still booting does not see it. What
  /// has not turned itself off when the grace is over is ended.
  @Override
  public void stop(Duration grace) throws DriverException, InterruptedException {
    if (end.isDone()) {
      return;
    }
    try {
      folder.mark(VmFolder.STOPPING, "");
    } catch (IOException e) {
      log.warn("{}: that it was stopped cannot be written down: {}", id(), e.toString());
    }
    long until = System.nanoTime() + grace.toNanos();
    while (!grace.isZero() && System.nanoTime() < until && !end.isDone()) {
      try {
        if (suspended) {
          resume();
        }
        tell("system_powerdown");
      } catch (DriverException e) {
        log.warn("{}: it is ended where it is: {}", id(), e.text());
        break;
      } catch (QmpException e) {
        if (awaitEnd(Duration.ofSeconds(1))) {
          return;
        }
        log.warn("{}: QEMU does not take the power button: {}", id(), e.toString());
      }
      long left = Math.min(PRESS_AGAIN.toNanos(), until - System.nanoTime());
      if (awaitEnd(Duration.ofNanos(left))) {
        return;
      }
    }
    process.stop(Duration.ZERO);
    await();
    try {
      folder.deep().drop();
    } catch (IOException e) {
      log.warn("{}: its memory stays in its folder: {}", id(), e.toString());
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
  public void suspendDeep() throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      setSuspended(true);
      if (end.isDone() || deep) {
        return;
      }
      sleep.sleep(process.usage(), endpoints);
      deep = true;
    } catch (IOException e) {
      deep = folder.deep().exists();
      if (awaitEnd(Duration.ofSeconds(1))) {
        return;
      }
      boolean full = String.valueOf(e).contains("No space left");
      throw new DriverException(
          full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
          "run " + id() + " is suspended, but could not give its memory back: " + e.getMessage(),
          full ? "free space on the disk of " + folder.path() : "try again, or resume it",
          e);
    } finally {
      moving.unlock();
    }
  }

  @Override
  public boolean deep() {
    return deep && !end.isDone();
  }

  /// A daemon that comes back found the file: a QEMU that there still is, is not the machine.
  void foundAsleep() throws DriverException, InterruptedException {
    try {
      sleep.endStraggler();
      endpoints = sleep.ports();
      suspended = true;
      deep = true;
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of machine " + id() + " cannot be used: " + e.getMessage(),
          "see " + folder.path(),
          e);
    }
  }

  /// There is no file: what was begun on the way to one is undone.
  void foundAwake() throws IOException {
    folder.deep().dropDraft();
    sleep.markAwake();
  }

  @Override
  public void resume() throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      boolean slept = deep;
      if (slept && !end.isDone()) {
        wake();
      }
      setSuspended(false);
      if (slept || readdressed) {
        readdressed = false;
        Addressing.settleAgain(this);
      }
      if (stale) {
        stale = false;
        Thread.ofVirtual().name("renew " + id()).start(() -> Freshness.renewQuietly(this));
      } else if (slept) {
        sleep.setClock();
      }
    } finally {
      moving.unlock();
    }
  }

  private void wake() throws DriverException, InterruptedException {
    try {
      sleep.wake();
      deep = false;
    } catch (IOException e) {
      if (awaitEnd(Duration.ofSeconds(1))) {
        return;
      }
      throw new DriverException(
          ErrorCode.INTERNAL,
          "run " + id() + " could not be brought back into memory: " + e.getMessage(),
          "it is still suspended; try again, or stop it",
          e);
    }
  }

  private void setSuspended(boolean wanted) throws DriverException, InterruptedException {
    if (end.isDone() || suspended == wanted) {
      return;
    }
    try {
      tell(wanted ? "stop" : "cont");
      suspended = wanted;
    } catch (QmpException e) {
      if (awaitEnd(Duration.ofSeconds(1))) {
        return; // it ended meanwhile
      }
      throw new DriverException(
          ErrorCode.INTERNAL,
          (wanted ? "suspending " : "resuming ") + id() + " failed: " + e.getMessage(),
          "stop it if it must not run",
          e);
    }
  }

  @Override
  public CardEnd end(NetworkId network) throws DriverException {
    if (end.isDone()) {
      throw over("a card is a running machine's");
    }
    return cards().end(id(), network, folder.work(""));
  }

  private GuestCards cards() throws DriverException {
    try {
      return GuestCards.read(folder.path());
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "which cards machine " + id() + " has cannot be read: " + e.getMessage(),
          "see " + folder.path(),
          e);
    }
  }

  private DriverException over(String hint) {
    return new DriverException(ErrorCode.CONFLICT, "machine " + id() + " has ended", hint);
  }

  /// Over the agent; a machine without one has its new addresses when it asks the switch for them.
  /// One that stands still gets them when it goes on.
  @Override
  public void readdress(NetworkCard wanted) throws DriverException, InterruptedException {
    moving.lockInterruptibly();
    try {
      if (end.isDone()) {
        throw over("its addresses are free");
      }
      GuestCards before = cards();
      GuestCards now = before.moved(id(), wanted);
      if (now.equals(before)) {
        return;
      }
      now.write(folder.path());
      if (suspended) {
        readdressed = true;
        return;
      }
      try {
        Addressing.settle(this, now);
      } catch (IOException e) {
        log.warn("{}: its addresses change when it asks for them: {}", id(), e.toString());
      }
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "the new addresses of machine " + id() + " could not be written: " + e.getMessage(),
          "free space on the disk of " + folder.path(),
          e);
    } finally {
      moving.unlock();
    }
  }

  /// As root in the guest, once its boot has come to where commands are kept; until then a session
  /// is not answered.
  @Override
  public ExecSession exec(ExecSpec order) throws DriverException, InterruptedException {
    return switch (state()) {
      case RUNNING -> sessions.begin(order);
      case SUSPENDED ->
          throw new DriverException(
              ErrorCode.CONFLICT,
              "machine " + id() + " is suspended, and a command in it would be so too",
              "resume it first");
      case TERMINATED ->
          throw new DriverException(
              ErrorCode.CONFLICT, "machine " + id() + " has ended", "start it again");
    };
  }

  @Override
  public Optional<ExecSession> session(String session) {
    return sessions.find(session);
  }

  @Override
  public List<Snapshot> snapshots() throws DriverException, InterruptedException {
    return asked("listing the snapshots", VmSnapshots::list);
  }

  @Override
  public Snapshot takeSnapshot(SnapshotName name) throws DriverException, InterruptedException {
    return asked("taking a snapshot", kept -> kept.take(name, room()));
  }

  @Override
  public void restoreSnapshot(SnapshotName name) throws DriverException, InterruptedException {
    String _ =
        asked(
            "restoring a snapshot",
            kept -> {
              kept.restore(name);
              return "";
            });
    stale = suspended;
    if (!stale) {
      Freshness.renew(this);
      Addressing.settleAgain(this);
    } else {
      readdressed = true; // the snapshot's may be older
    }
    tell(VmPhase.Kind.READY, "it went back to snapshot '" + name + "'");
  }

  @Override
  public void removeSnapshot(SnapshotName name) throws DriverException, InterruptedException {
    String _ =
        asked(
            "removing a snapshot",
            kept -> {
              kept.remove(name);
              return "";
            });
  }

  private VmSnapshots.MachineRoom room() {
    String said = folder.markedWith(VmFolder.LIMIT);
    String[] words = said.matches("([0-9]{1,18} ){2}[0-9]{1,18}") ? said.split(" ") : NO_ROOM;
    return new VmSnapshots.MachineRoom(
        Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  private interface SnapshotOrder<T> {
    T give(VmSnapshots snapshots) throws DriverException, QmpException, InterruptedException;
  }

  /// Whatever comes of it, the machine runs or stands still afterwards as it should.
  private <T> T asked(String what, SnapshotOrder<T> order)
      throws DriverException, InterruptedException {
    if (end.isDone()) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          what + " of " + id() + " is not possible: it has ended",
          "start the task again");
    }
    if (deep()) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          what + " of " + id() + " is not possible: it has given its memory back",
          "resume it first");
    }
    moving.lockInterruptibly();
    try (Qmp qmp = qmp(Qmp.SHORT)) {
      try {
        return order.give(new VmSnapshots(folder, qmp));
      } finally {
        String status = qmp.execute("query-status", SNAPSHOT).path("status").asText();
        if (suspended ? status.equals("running") : !status.equals("running")) {
          qmp.execute(suspended ? "stop" : "cont", SNAPSHOT);
        }
      }
    } catch (QmpException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          what + " of " + id() + " failed: " + e.getMessage(),
          "say it again; if it fails the same way, see the node's log",
          e);
    } finally {
      moving.unlock();
    }
  }

  @Override
  public Usage usage() throws DriverException {
    Usage qemu = process.usage();
    return new Usage(
        qemu.cpuNanos(),
        deep() ? 0 : qemu.memory(), // then it is the cache of its files, which anybody may have
        qemu.memoryPeak(),
        folder.work(VmFolder.DISK).toFile().length(), // its layer, not the image below
        qemu.outputBytes());
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    stop(Duration.ZERO);
    await(); // judged by the folder, before that is gone
    process.destroy();
  }
}
