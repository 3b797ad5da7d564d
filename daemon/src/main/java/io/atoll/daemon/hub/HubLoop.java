package io.atoll.daemon.hub;

import io.atoll.core.crash.CrashPoint;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.hub.machine.HubMachine;
import io.atoll.daemon.hub.machine.HubState;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that owns a hub's machine: it takes everything that waits, lets the machine
/// decide
/// on each, commits all decisions as one group, and only then answers and acts. A decision that
/// could not be committed never happened: the machine is thrown away and loaded again.
final class HubLoop {
  /// Done on the loop's thread after the commit.
  interface Effects {
    void act(HubAction action);

    /// The group is on disk; `lastSeq` is the newest event's.
    void committed(List<Decision> group, long lastSeq);

    /// The machine was loaded again and knows of no session.
    void reloaded();
  }

  private sealed interface Entry {
    /// @param alone its event is made only when all earlier decisions are on disk
    record Happened(boolean alone, BiFunction<HubMachine, Store, HubEvent> event)
        implements Entry {}

    record Asked(BiConsumer<HubMachine, Now> question) implements Entry {}
  }

  private static final Logger LOG = LoggerFactory.getLogger(HubLoop.class);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int MAX_BATCH = 512;
  private static final long PATIENCE_SECONDS = 30;
  private static final Duration PROBE_PAUSE = Duration.ofSeconds(1);
  private static final Duration RESERVE_PAUSE = Duration.ofSeconds(3);

  /// A row that the store drops again in the same commit, as large as what a busy group needs.
  private static final Transaction PROBE =
      new Transaction(
          List.of(),
          List.of(
              new Change.PutIdempotency(
                  "", "x".repeat(64 << 10), "", new TaskId("t000000000000"), Instant.EPOCH)));

  private final HubConfig config;
  private final Store store;
  private final Reserve reserve;
  private final Effects effects;
  private final BlockingQueue<Entry> inbox = new LinkedBlockingQueue<>();
  private final Map<Long, CompletableFuture<Answer>> tickets = new ConcurrentHashMap<>();
  private final AtomicLong lastTicket = new AtomicLong();
  private final Thread thread;
  private HubMachine machine; // owned by `thread` once it runs
  private volatile @Nullable String trouble;
  private long nextProbe; // of `thread`
  private long nextReserve; // of `thread`

  HubLoop(HubConfig config, Store store, Reserve reserve, Effects effects) {
    this.config = config;
    this.store = store;
    this.reserve = reserve;
    this.effects = effects;
    this.machine = load();
    this.nextReserve = System.nanoTime();
    this.thread = Thread.ofPlatform().name("hub").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /// Tells the machine that something happened.
  void happened(HubEvent event) {
    inbox.add(new Entry.Happened(false, (_, _) -> event));
  }

  /// As `happened`, for an event that takes in what is on disk: it is made on the loop's thread
  /// when
  /// all earlier decisions are committed.
  void happened(BiFunction<HubMachine, Store, HubEvent> event) {
    inbox.add(new Entry.Happened(true, event));
  }

  /// Asks for something and waits for the answer, which is on disk when it comes.
  Answer request(LongFunction<HubEvent> event) throws InterruptedException {
    return await(false, (ticket, _, _) -> event.apply(ticket));
  }

  interface RequestEvent {
    HubEvent make(long ticket, HubMachine machine, Store store);
  }

  /// As `request`, with what is on disk; see `happened`.
  Answer requestWithStore(RequestEvent event) throws InterruptedException {
    return await(true, event);
  }

  private Answer await(boolean alone, RequestEvent event) throws InterruptedException {
    long ticket = lastTicket.incrementAndGet();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    tickets.put(ticket, answer);
    String by = Caller.current().who();
    inbox.add(
        new Entry.Happened(
            alone,
            (machine, store) ->
                switch (event.make(ticket, machine, store)) {
                  case HubEvent.Request request -> new HubEvent.Called(by, request);
                  case HubEvent other -> other;
                }));
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new AtollException(
          ErrorCode.NOT_READY,
          "the hub did not answer within " + PATIENCE_SECONDS + " s",
          "see /readyz for what holds it up; the request may still be carried out",
          e);
    } finally {
      tickets.remove(ticket);
    }
  }

  /// Answers a question from the machine's memory, none of which is ahead of the disk.
  <T> T ask(BiFunction<HubMachine, Now, T> question) {
    try {
      return asked(question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AtollException(
          ErrorCode.NOT_READY, "the hub did not answer", "see /readyz for what holds it up", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AtollException(ErrorCode.NOT_READY, "the hub is stopping", "", e);
    }
  }

  /// The same for who waits for the answer in another way.
  <T> CompletableFuture<T> asked(BiFunction<HubMachine, Now, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    inbox.add(
        new Entry.Asked(
            (machine, now) -> {
              try {
                answer.complete(question.apply(machine, now));
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            }));
    return answer;
  }

  /// What keeps it from committing, or from accepting tasks; null = nothing.
  @Nullable String trouble() {
    if (!thread.isAlive()) {
      return "the hub's loop has ended";
    }
    String now = trouble;
    return now == null && !reserve.held() ? reserve.lacking().text() : now;
  }

  void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HubMachine load() {
    return new HubMachine(config, HubState.load(store), Now.read());
  }

  private void loop() {
    List<Entry> batch = new ArrayList<>();
    List<Entry.Asked> questions = new ArrayList<>();
    List<Decision> group = new ArrayList<>();
    long nextTick = System.nanoTime();
    try {
      while (true) {
        long wait = Math.max(0, nextTick - System.nanoTime());
        Entry first = inbox.poll(wait, TimeUnit.NANOSECONDS);
        batch.clear();
        if (first != null) {
          batch.add(first);
          inbox.drainTo(batch, MAX_BATCH - 1);
        }
        questions.clear();
        for (Entry entry : batch) {
          switch (entry) {
            case Entry.Asked asked -> questions.add(asked);
            case Entry.Happened happened -> {
              if (happened.alone()) {
                commit(group);
              }
              decide(happened.event(), group);
            }
          }
        }
        if (System.nanoTime() - nextTick >= 0) {
          decide((_, _) -> new HubEvent.Tick(), group);
          nextTick = System.nanoTime() + TICK.toNanos();
        }
        commit(group);
        probe();
        keepReserve();
        Now now = Now.read();
        questions.forEach(asked -> asked.question().accept(machine, now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("the hub's loop failed; the daemon ends so that a new one starts clean", e);
      Runtime.getRuntime().halt(70);
    }
  }

  private void decide(BiFunction<HubMachine, Store, HubEvent> event, List<Decision> group) {
    HubEvent made;
    try {
      made = event.apply(machine, store);
    } catch (StoreException e) {
      troubled("cannot read the store", e);
      return;
    }
    group.add(machine.step(Now.read(), made));
  }

  private void commit(List<Decision> group) {
    if (group.isEmpty()) {
      return;
    }
    CrashPoint.HUB_DECIDED.reach();
    List<Decision> written = group.stream().filter(HubLoop::writes).toList();
    try {
      List<Outcome> outcomes =
          written.isEmpty()
              ? List.of()
              : written(
                  written.stream()
                      .map(one -> new Transaction(one.preconditions(), one.changes()))
                      .toList());
      CrashPoint.HUB_COMMITTED.reach();
      if (!written.isEmpty()) {
        healed();
      }
      finish(List.copyOf(group), written, outcomes);
    } catch (StoreException e) {
      troubled("cannot write the store, no task is accepted", e);
      group.forEach(one -> fail(one, e.code(), e.text(), e.hint()));
      reload();
    }
    group.clear();
    CrashPoint.HUB_ACTED.reach();
  }

  /// Writes a group, on a full disk into the room that the reserve gives up for it.
  private List<Outcome> written(List<Transaction> group) {
    try {
      return store.commit(group);
    } catch (StoreException e) {
      if (e.code() != ErrorCode.DISK_FULL || !reserve.giveUp()) {
        throw e;
      }
      nextReserve = System.nanoTime() + RESERVE_PAUSE.toNanos();
      LOG.warn("{}: {} ({})", e.text(), reserve.lacking().text(), reserve.lacking().hint());
      return store.commit(group);
    }
  }

  private void keepReserve() {
    if (!reserve.held() && System.nanoTime() - nextReserve >= 0) {
      nextReserve = System.nanoTime() + RESERVE_PAUSE.toNanos();
      if (trouble == null && reserve.make()) {
        LOG.info("the hub's disk has room again: new tasks are accepted");
      }
    }
  }

  /// Says a trouble once, however often it comes back before the store is healed.
  private void troubled(String what, StoreException e) {
    if (!e.text().equals(trouble)) {
      LOG.error("{}: {} ({})", what, e.text(), e.hint());
    }
    trouble = e.text();
    nextProbe = System.nanoTime() + PROBE_PAUSE.toNanos();
  }

  private void healed() {
    if (trouble != null) {
      trouble = null;
      LOG.info("the store can be written again");
    }
  }

  /// Only a write shows that there is room again, and a hub that is not ready may get no request
  /// that needs one.
  private void probe() {
    if (trouble == null || System.nanoTime() - nextProbe < 0) {
      return;
    }
    try {
      store.commit(List.of(PROBE));
      healed();
    } catch (StoreException e) {
      troubled("cannot write the store, no task is accepted", e);
    }
  }

  private void finish(List<Decision> group, List<Decision> written, List<Outcome> outcomes) {
    List<Decision> applied = new ArrayList<>(group);
    long lastSeq = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      switch (outcomes.get(i)) {
        case Outcome.Applied(long seq) -> lastSeq = seq;
        case Outcome.Conflict(var failed) -> {
          LOG.error("the store differs from the hub's memory: {}; loading again", failed);
          applied.remove(written.get(i));
          fail(
              written.get(i),
              ErrorCode.CONFLICT,
              "the hub's state changed under the request",
              "repeat the request");
        }
      }
    }
    effects.committed(applied, lastSeq);
    for (Decision decision : applied) {
      decision.actions().forEach(this::act);
    }
    if (applied.size() < group.size()) {
      reload();
    }
  }

  private static boolean writes(Decision decision) {
    return !decision.changes().isEmpty() || !decision.preconditions().isEmpty();
  }

  private void act(HubAction action) {
    if (action instanceof HubAction.Reply(long ticket, Answer answer)) {
      CompletableFuture<Answer> waiting = tickets.get(ticket);
      if (waiting != null) {
        waiting.complete(answer);
      }
    } else {
      effects.act(action);
    }
  }

  private void fail(Decision decision, ErrorCode code, String message, String hint) {
    for (HubAction action : decision.actions()) {
      if (action instanceof HubAction.Reply(long ticket, Answer _)) {
        act(new HubAction.Reply(ticket, new Answer.Failed(code, message, hint)));
      }
    }
  }

  private void reload() {
    while (true) {
      try {
        machine = load();
        effects.reloaded();
        return;
      } catch (StoreException e) {
        troubled("cannot read the store", e);
        try {
          Thread.sleep(TICK);
        } catch (InterruptedException stop) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
