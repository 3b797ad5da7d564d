package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container that was started, until its folder is destroyed. One virtual thread watches it:
/// waits for its end, has the output completed, writes the exit, removes the container. The exit is
/// known to `await` before the container is removed: its processes, memory and ports are free then,
/// and its writable layer on the disk follows within a moment.
final class DockerActivity implements Activity, Enterable, EndTime, Networked, Readdressable {
  private static final Logger log = LoggerFactory.getLogger(DockerActivity.class);
  private static final Duration KILL_AGAIN = Duration.ofSeconds(5);
  private static final Duration CARDS_AGAIN = Duration.ofMillis(500);

  private final RunId id;
  private final RunFolder folder;
  private final Container container;
  private final @Nullable OutputCopy output;
  private final boolean memoryLimited;
  private final String stopSignal;
  private final Runnable forget;
  private final DockerExec exec;
  private final @Nullable ContainerCards cards;
  private final ContainerCpu cpu;
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private volatile @Nullable Instant endedAt;
  private final CountDownLatch removed = new CountDownLatch(1);
  private volatile boolean suspended;
  private volatile boolean closed;
  private volatile List<Endpoint> endpoints;
  private volatile @Nullable Thread watcher;
  private volatile @Nullable Thread keeping;

  /// @param output copies into the folder; null for a run whose exit is in its folder already
  /// @param cards its network interfaces; null where it has none
  /// @param forget is called once nothing but its folder is left, and perhaps again
  DockerActivity(
      RunId id,
      RunFolder folder,
      Container container,
      @Nullable OutputCopy output,
      boolean memoryLimited,
      String stopSignal,
      boolean suspended,
      List<Endpoint> endpoints,
      @Nullable Path supervisor,
      @Nullable ContainerCards cards,
      Runnable forget) {
    this.cards = cards;
    this.exec = new DockerExec(container, supervisor, folder.path());
    this.cpu = new ContainerCpu(container);
    this.id = id;
    this.forget = forget;
    this.folder = folder;
    this.container = container;
    this.output = output;
    this.memoryLimited = memoryLimited;
    this.stopSignal = stopSignal;
    this.suspended = suspended;
    this.endpoints = List.copyOf(endpoints);
  }

  /// Begins to watch a container that was started, or may have been.
  ///
  /// @param attached its output since before the start; null where that is long ago
  void watch(@Nullable Response attached) {
    if (output != null) {
      output.begin(attached);
    }
    watcher = Thread.ofVirtual().name("docker-watch " + id).start(this::watching);
    if (cards != null && !keptNow(cards)) {
      keeping = Thread.ofVirtual().name("docker-cards " + id).start(() -> keepSoon(cards));
    }
  }

  /// The container's first program waits until somebody keeps its cards.
  private boolean keptNow(ContainerCards all) {
    try {
      return all.keep();
    } catch (EngineException | IOException e) {
      log.warn("the cards of run {} are not there yet: {}", id, e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void keepSoon(ContainerCards all) {
    try {
      do {
        Thread.sleep(CARDS_AGAIN);
      } while (!exit.isDone() && !closed && !keptNow(all));
    } catch (InterruptedException e) {
      log.debug("the cards of run {} are no longer looked after", id);
    }
  }

  /// For a run whose end is in its folder: only what is left of the container is to be removed.
  void ended(Exit known) {
    exit.complete(known);
    watcher = Thread.ofVirtual().name("docker-remove " + id).start(this::removing);
  }

  private void watching() {
    try {
      EndWatch watch = new EndWatch(container, folder, output, memoryLimited);
      Exit end = watch.await();
      endedAt = watch.endedAt();
      OutputCopy copy = output;
      if (copy != null) {
        copy.close();
      }
      if (!closed) {
        exit.complete(end);
        removing();
      }
    } catch (InterruptedException e) {
      log.debug("run {} is no longer watched", id);
    } catch (RuntimeException e) {
      log.error("run {} is no longer watched", id, e);
      exit.completeExceptionally(e);
    }
  }

  @Override
  public Optional<Instant> endedAt() {
    return Optional.ofNullable(endedAt);
  }

  private void removing() {
    Duration pause = Duration.ofMillis(100);
    while (!closed) {
      try {
        container.remove();
        removed.countDown();
        forget.run();
        return;
      } catch (EngineException e) {
        log.debug("cannot remove the container of run {}: {}", id, e.said());
        try {
          Thread.sleep(pause);
        } catch (InterruptedException interrupted) {
          return;
        }
        pause = pause.toSeconds() < 5 ? pause.multipliedBy(2) : pause;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// Lets go of it: the container goes on, the folder is no longer written.
  void close() throws InterruptedException {
    closed = true;
    Thread cardsWait = keeping;
    if (cardsWait != null) {
      cardsWait.interrupt();
      cardsWait.join();
    }
    Thread watching = watcher;
    if (watching != null) {
      watching.interrupt();
      watching.join();
    }
    OutputCopy copy = output;
    if (copy != null) {
      copy.close();
    }
  }

  @Override
  public RunId id() {
    return id;
  }

  @Override
  public State state() {
    return exit.isDone() ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  void published(List<Endpoint> known) {
    endpoints = List.copyOf(known);
  }

  @Override
  public Exit await() throws InterruptedException {
    try {
      return exit.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the watch over run " + id + " failed", e.getCause());
    }
  }

  private boolean endsWithin(Duration patience) throws InterruptedException {
    try {
      exit.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the watch over run " + id + " failed", e.getCause());
    }
  }

  @Override
  public void stop(Duration grace) throws DriverException, InterruptedException {
    if (exit.isDone()) {
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
    try {
      if (suspended) {
        container.unpause();
        suspended = false;
      }
      if (grace.isPositive()) {
        container.signal(stopSignal);
        if (endsWithin(grace)) {
          return;
        }
      }
      // A signal sent while an engine dies may be lost.
      do {
        container.unpause();
        container.signal("SIGKILL");
      } while (!endsWithin(KILL_AGAIN));
    } catch (EngineException e) {
      throw e.toDriver("stop run " + id);
    }
  }

  @Override
  public void suspend() throws DriverException, InterruptedException {
    if (exit.isDone() || suspended) {
      return;
    }
    try {
      container.pause();
      suspended = container.inspect().map(ContainerState::paused).orElse(false);
    } catch (EngineException e) {
      throw e.toDriver("suspend run " + id);
    }
  }

  @Override
  public void resume() throws DriverException, InterruptedException {
    if (exit.isDone() || !suspended) {
      return;
    }
    try {
      container.unpause();
      suspended = false;
    } catch (EngineException e) {
      throw e.toDriver("resume run " + id);
    }
  }

  @Override
  public ExecSession exec(ExecSpec command) throws DriverException, InterruptedException {
    if (exit.isDone() || suspended) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + id + (suspended ? " is suspended" : " has ended"),
          suspended ? "resume it first" : "a command needs a payload that runs");
    }
    return exec.begin(command);
  }

  @Override
  public Optional<ExecSession> session(String session) {
    return exec.find(session);
  }

  @Override
  public CardEnd end(NetworkId network) throws DriverException, InterruptedException {
    return cards(network).end(network);
  }

  @Override
  public void readdress(NetworkCard card) throws DriverException, InterruptedException {
    cards(card.network()).readdress(card);
  }

  private ContainerCards cards(NetworkId network) throws DriverException {
    if (exit.isDone()) {
      throw ContainerCards.ended(id);
    }
    ContainerCards all = cards;
    if (all == null) {
      throw ContainerCards.none(id, network);
    }
    return all;
  }

  /// Processor time so far, without asking the engine; -1 where that is not known.
  long cpuNanos() {
    return exit.isDone() ? 0 : cpu.nanos();
  }

  @Override
  public Usage usage() throws DriverException {
    long written = output == null ? -1 : output.written();
    if (exit.isDone()) {
      return new Usage(-1, -1, -1, -1, written);
    }
    try {
      JsonNode figures = container.statistics();
      JsonNode memory = figures.path("memory_stats");
      JsonNode detail = memory.path("stats");
      long cache =
          detail.path("total_inactive_file").asLong(detail.path("inactive_file").asLong(0));
      long used = memory.path("usage").asLong(-1);
      return new Usage(
          figures.path("cpu_stats").path("cpu_usage").path("total_usage").asLong(-1),
          used < 0 ? -1 : Math.max(0, used - cache),
          memory.path("max_usage").asLong(-1),
          container.layerBytes(),
          written);
    } catch (EngineException e) {
      if (e.notFound() || e.conflict()) {
        return new Usage(-1, -1, -1, -1, written);
      }
      throw e.toDriver("ask for the usage of run " + id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Usage(-1, -1, -1, -1, written);
    }
  }

  @Override
  public void destroy() throws DriverException, InterruptedException {
    if (!exit.isDone()) {
      stop(Duration.ZERO);
    }
    try {
      if (!removed.await(10, TimeUnit.SECONDS)) {
        container.removeByForce();
      }
      close();
      folder.delete();
      forget.run();
    } catch (EngineException e) {
      throw e.toDriver("remove the container of run " + id);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "could not remove the folder of run " + id + ", " + folder.path(),
          "look at the disk and at who may write there",
          e);
    }
  }
}
