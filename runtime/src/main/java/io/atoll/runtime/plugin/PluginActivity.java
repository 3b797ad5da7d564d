package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.OutputNotices;
import io.atoll.runtime.driver.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A run that its runtime keeps. One virtual thread follows it with `wait`, over as many
/// connections
/// as it takes; whoever else hears of a change (an answer, an event) tells it here, in the order
/// in
/// which the runtime said it.
class PluginActivity implements Activity, EndTime, OutputNotices, Networked {
  private static final Logger log = LoggerFactory.getLogger(PluginActivity.class);
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration LATE = Duration.ofSeconds(15);
  private static final Duration SHORT = Duration.ofSeconds(10);
  private static final Duration VERB = Duration.ofSeconds(30);
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(30);
  private static final Duration DESTROY = Duration.ofSeconds(60);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(50);

  final PluginDriver driver;
  final ActivitySpec spec;
  final PluginFolder folder;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by lock
  private @Nullable PluginStatus status;
  private long output;
  private @Nullable Exit exit; // once it is on the disk
  private @Nullable Instant endedAt;
  private @Nullable CompletableFuture<JsonNode> waiting;
  private boolean unsure;

  private volatile @Nullable Thread watcher;

  PluginActivity(PluginDriver driver, ActivitySpec spec, PluginFolder folder) {
    this.driver = driver;
    this.spec = spec;
    this.folder = folder;
  }

  // ---- what is heard of it

  /// What the runtime says of it; an end is taken once. Quick.
  void take(PluginStatus said) {
    lock.lock();
    try {
      if (status == null || status.exit() == null) {
        status = said;
        output = Math.max(output, said.output());
        if (said.exit() != null && waiting != null) {
          waiting.cancel(false);
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void wrote(long end) {
    lock.lock();
    try {
      output = Math.max(output, end);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The answer to `start` was lost: the payload may not be there.
  void unsureWhetherItBegan() {
    unsure = true;
  }

  void endedBefore(PluginFolder.End end) {
    lock.lock();
    try {
      exit = end.exit();
      endedAt = end.at();
      output = -1;
    } finally {
      lock.unlock();
    }
  }

  void watch() {
    watcher = Thread.ofVirtual().name("runtime-run " + spec.id()).start(this::watching);
  }

  /// The daemon ends; the run goes on.
  void letGo() {
    Thread watching = watcher;
    if (watching != null) {
      watching.interrupt();
    }
  }

  private void watching() {
    Duration pause = Duration.ofMillis(100);
    PluginLink known = unsure ? null : link();
    try {
      while (true) {
        PluginStatus last = status();
        if (last != null && last.exit() != null) {
          end(last.exit(), last.endedAt());
          return;
        }
        try {
          PluginLink link = driver.service().connected(PluginDriver.PATIENCE).link();
          if (link != known || last == null) {
            if (!driver.find(link, spec, this)) {
              end(gone(), null);
              return;
            }
            known = link;
          } else {
            await(link, last);
          }
          pause = Duration.ofMillis(100);
        } catch (DriverException e) {
          log.debug("run {}: {}", spec.id(), e.text());
          Thread.sleep(pause);
          pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
      }
    } catch (InterruptedException e) {
      log.debug("run {} is no longer watched", spec.id());
    }
  }

  private @Nullable PluginLink link() {
    PluginService.Connected at = driver.service().now();
    return at == null ? null : at.link();
  }

  /// Returns once there is news, or it is time to ask again.
  private void await(PluginLink link, PluginStatus last)
      throws DriverException, InterruptedException {
    ObjectNode params =
        PluginLink.params(spec.id()).put("cursor", last.cursor()).put("seconds", WAIT.toSeconds());
    CompletableFuture<JsonNode> answer =
        link.ask("wait", params, result -> take(PluginStatus.of(result, Instant.now())));
    lock.lock();
    try {
      waiting = answer;
      if (status != null && status.exit() != null) {
        return;
      }
    } finally {
      lock.unlock();
    }
    long begun = System.nanoTime();
    try {
      link.get("wait", answer, WAIT.plus(LATE));
      PluginStatus now = status();
      if (now != null
          && now.exit() == null
          && now.cursor().equals(last.cursor())
          && System.nanoTime() - begun < POLL.toNanos()) {
        Thread.sleep(POLL); // it does not wait
      }
    } catch (java.util.concurrent.CancellationException e) {
      // the end came by another way
    } catch (DriverException e) {
      if (e.code() == ErrorCode.TIMEOUT) {
        link.end("it did not answer in time");
      }
      throw e;
    }
  }

  private Exit gone() {
    return unsure
        ? Exit.startFailed("runtime " + driver.name() + " was lost while it began")
        : Exit.lost("runtime " + driver.name() + " does not know it any more");
  }

  private void end(Exit how, @Nullable Instant at) throws InterruptedException {
    while (true) {
      try {
        if (folder.exists()) {
          folder.writeEnd(new PluginFolder.End(how, at));
        }
        break;
      } catch (IOException e) {
        log.warn("the end of run {} cannot be noted yet: {}", spec.id(), e.toString());
        Thread.sleep(1000);
      }
    }
    lock.lock();
    try {
      exit = how;
      endedAt = at;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    driver.forget(spec.id());
  }

  @Nullable PluginStatus status() {
    lock.lock();
    try {
      return status;
    } finally {
      lock.unlock();
    }
  }

  // ---- what is asked of it

  @Override
  public RunId id() {
    return spec.id();
  }

  @Override
  public State state() {
    lock.lock();
    try {
      if (exit != null) {
        return State.TERMINATED;
      }
      return status != null && status.state() == State.SUSPENDED ? State.SUSPENDED : State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Endpoint> endpoints() {
    PluginStatus known = status();
    return known == null ? List.of() : known.endpoints();
  }

  @Override
  public Optional<Instant> endedAt() {
    lock.lock();
    try {
      return Optional.ofNullable(endedAt);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Exit await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Exit end = exit;
      while (end == null) {
        changed.await();
        end = exit;
      }
      return end;
    } finally {
      lock.unlock();
    }
  }

  private boolean endsWithin(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (exit == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return exit != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long awaitOutput(long beyond, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = atMost.toNanos();
      while (exit == null && output <= beyond && left > 0) {
        left = changed.awaitNanos(left);
      }
      return output;
    } finally {
      lock.unlock();
    }
  }

  private boolean ended() {
    return state() == State.TERMINATED;
  }

  /// Asks for something; what the answer says of the run is taken.
  private void verb(String method, ObjectNode params, Duration atMost)
      throws DriverException, InterruptedException {
    driver
        .service()
        .connected(PluginDriver.PATIENCE)
        .link()
        .call(method, params, atMost, result -> take(PluginStatus.of(result, Instant.now())));
  }

  @Override
  public void stop(Duration grace) throws DriverException, InterruptedException {
    if (ended()) {
      return;
    }
    long millis = Math.clamp(grace.toMillis(), 0, Integer.MAX_VALUE);
    verb(
        "stop",
        PluginLink.params(spec.id()).put("graceMillis", millis),
        Duration.ofMillis(millis).plus(BEYOND_GRACE));
    if (!endsWithin(SHORT)) {
      throw new DriverException(
          ErrorCode.TIMEOUT,
          "runtime "
              + driver.name()
              + " says that it stopped run "
              + spec.id()
              + ", which has not ended",
          "see the runtime's log");
    }
  }

  @Override
  public void suspend() throws DriverException, InterruptedException {
    pace("suspend", State.SUSPENDED);
  }

  @Override
  public void resume() throws DriverException, InterruptedException {
    pace("resume", State.RUNNING);
  }

  private void pace(String method, State wanted) throws DriverException, InterruptedException {
    if (ended() || state() == wanted) {
      return;
    }
    PluginService.Connected at = driver.service().connected(PluginDriver.PATIENCE);
    if (!at.hello().can(PluginHello.SUSPEND)) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "runtime " + driver.name() + " cannot suspend payloads",
          "stop it instead");
    }
    verb(method, PluginLink.params(spec.id()), VERB);
  }

  @Override
  public CardEnd end(NetworkId network) throws DriverException, InterruptedException {
    if (ended()) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " has ended, and its cards with it",
          "start the task again");
    }
    PluginService.Connected at = driver.service().connected(PluginDriver.PATIENCE);
    if (!at.hello().can(PluginHello.NETWORKS)) {
      throw new DriverException(
          ErrorCode.NOT_FOUND,
          "run " + spec.id() + " has no card of network " + network,
          "runtime " + driver.name() + " joins no networks");
    }
    List<Path> folders =
        List.of(
            spec.folder().toAbsolutePath().normalize(),
            driver.settings().folder().toAbsolutePath().normalize());
    PluginCard.Said[] said = new PluginCard.Said[1];
    at.link()
        .call(
            "card",
            PluginLink.params(spec.id()).put("network", network.text()),
            SHORT,
            result -> said[0] = PluginCard.of(result, folders));
    try {
      return PluginCard.take(said[0]);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "runtime "
              + driver.name()
              + " did not hand over the card of network "
              + network
              + ": "
              + e.getMessage(),
          "see the runtime's log; try again",
          e);
    }
  }

  @Override
  public Usage usage() throws DriverException {
    long written = written();
    if (ended()) {
      return new Usage(-1, -1, -1, -1, written);
    }
    Usage[] usage = new Usage[] {new Usage(-1, -1, -1, -1, written)};
    try {
      driver
          .service()
          .connected(Duration.ofSeconds(1))
          .link()
          .call(
              "usage",
              PluginLink.params(spec.id()),
              SHORT,
              result ->
                  usage[0] =
                      new Usage(
                          figure(result, "cpuNanos"),
                          figure(result, "memory"),
                          figure(result, "memoryPeak"),
                          figure(result, "disk"),
                          figure(result, "outputBytes")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (DriverException e) {
      if (e.code() != ErrorCode.NOT_FOUND && e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
    }
    return usage[0];
  }

  private long written() {
    lock.lock();
    try {
      return output;
    } finally {
      lock.unlock();
    }
  }

  private static long figure(JsonNode result, String name) throws IOException {
    return result.has(name) ? PluginField.number(result, name, -1, Long.MAX_VALUE) : -1;
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    if (!ended()) {
      stop(Duration.ZERO);
    }
    driver
        .service()
        .connected(PluginDriver.PATIENCE)
        .link()
        .call(
            "destroy",
            PluginLink.params(spec.id()).put("folder", spec.folder().toAbsolutePath().toString()),
            DESTROY);
    try {
      folder.remove();
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "could not remove the folder of run " + spec.id() + ", " + spec.folder(),
          "look at the disk and at who may write there",
          e);
    }
    driver.forget(spec.id());
  }
}
