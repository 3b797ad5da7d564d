package io.atoll.daemon.golem;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Activities: each is a task of the hub once it was deployed and started.
public final class Activities implements AutoCloseable {
  private static final int MOST_BATCHES = 100;
  private static final Duration KEPT = Duration.ofDays(1);
  private static final Duration LOOK = Duration.ofMillis(100);

  /// @param id of the activity
  /// @param bare whether it was asked for in the short way, and is told so
  public record Made(String id, boolean bare) {}

  /// @param currentUsage seconds, and seconds of processor; null while nothing is known of them
  public record Usage(@Nullable List<Double> currentUsage, long timestamp) {}

  /// What is lost with this process.
  static final class Live {
    volatile @Nullable List<ExeScript.Net> deployed;
    final Map<String, Batch> batches = new LinkedHashMap<>(); // under its own lock
  }

  private final HubApi hub;
  private final Market market;
  private final Shelf<ActivityNote> notes;
  private final ScriptRunner runner;
  private final Map<String, Live> live = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  Activities(HubApi hub, Nets nets, Market market, Shelf<ActivityNote> notes) {
    this.hub = hub;
    this.market = market;
    this.notes = notes;
    this.runner = new ScriptRunner(hub, nets, market, notes);
  }

  private String id() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// @param body `{agreementId}`, or the id alone as a text of JSON
  public Made create(String keyId, byte[] body) throws InterruptedException {
    String bare = bare(body);
    String agreement = bare != null ? bare : Market.object(body).path("agreementId").asText();
    AgreementNote note = market.agreement(keyId, agreement);
    if (note.state() == AgreementNote.State.PROPOSAL) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "agreement " + agreement + " is not approved",
          "POST …/agreements/" + agreement + "/confirm first");
    }
    if (note.state() != AgreementNote.State.APPROVED) {
      throw Market.ended(note);
    }
    Instant before = Instant.now().minus(KEPT);
    for (ActivityNote old : notes.all()) {
      Instant ended = old.destroyedAt();
      if (ended != null && ended.isBefore(before)) {
        notes.drop(old.id());
        live.remove(old.id());
      }
    }
    ActivityNote made = new ActivityNote(id(), agreement, keyId, null, Instant.now(), null);
    notes.put(made.id(), made);
    return new Made(made.id(), bare != null);
  }

  private static @Nullable String bare(byte[] body) {
    try {
      JsonNode node = Json.mapper().readTree(body);
      return node != null && node.isTextual() ? node.textValue() : null;
    } catch (IOException e) {
      return null; // Whoever reads it as an object says what is wrong with it.
    }
  }

  public String agreement(String keyId, String id) {
    return note(keyId, id).agreement();
  }

  /// @return the state and, where it is on its way to another, that
  public List<@Nullable String> state(String keyId, String id) {
    ActivityNote note = note(keyId, id);
    TaskView task = task(note);
    if (task == null) {
      Live here = live.get(id);
      return note.destroyedAt() != null
          ? Arrays.asList("Terminated", null)
          : Arrays.asList(here != null && here.deployed != null ? "Deployed" : "Initialized", null);
    }
    return switch (task.state()) {
      case QUEUED, STARTING -> Arrays.asList("Deployed", "Ready");
      case RUNNING, SUSPENDED ->
          Arrays.asList("Ready", note.destroyedAt() == null ? null : "Terminated");
      case STOPPING -> Arrays.asList("Ready", "Terminated");
      case SUCCEEDED, FAILED, STOPPED -> Arrays.asList("Terminated", null);
    };
  }

  public Usage usage(String keyId, String id) throws InterruptedException {
    TaskView task = task(note(keyId, id));
    long now = Instant.now().getEpochSecond();
    if (task == null || task.startedAt() == null) {
      return new Usage(null, now);
    }
    Instant until = task.endedAt() == null ? Instant.now() : task.endedAt();
    double seconds = Duration.between(task.startedAt(), until).toMillis() / 1000.0;
    try {
      TaskStats stats = hub.stats(task.id().text());
      Long nanos = stats.cpuNanos();
      return new Usage(nanos == null ? null : List.of(seconds, nanos / 1e9), now);
    } catch (AtollException e) {
      return new Usage(null, now); // Its node is away, or has forgotten it.
    }
  }

  /// Begins a batch.
  ///
  /// @param body `{text}`, a list of commands as JSON inside
  /// @return the batch's id
  public String exec(String keyId, String id, byte[] body) {
    ActivityNote note = note(keyId, id);
    ExeScript script = ExeScript.parse(body);
    if (note.destroyedAt() != null) {
      throw new AtollException(
          ErrorCode.GONE, "activity " + id + " was destroyed", "make another of its agreement");
    }
    Live here = live.computeIfAbsent(id, _ -> new Live());
    Batch batch = new Batch(script.commands().size());
    String name = id();
    synchronized (here.batches) {
      here.batches
          .entrySet()
          .removeIf(old -> here.batches.size() >= MOST_BATCHES && old.getValue().isFinished());
      if (here.batches.size() >= MOST_BATCHES) {
        throw new AtollException(
            ErrorCode.TOO_MANY_REQUESTS,
            "activity " + id + " runs " + MOST_BATCHES + " batches",
            "wait for one of them");
      }
      here.batches.put(name, batch);
    }
    Caller caller = Caller.current();
    batch.runOn(
        Thread.ofVirtual()
            .name("golem batch")
            .start(() -> caller.run(() -> runner.run(id, name, here, script, batch))));
    return name;
  }

  /// All results of a batch so far, from the first on.
  ///
  /// @param index wait for this command's; null = for all
  /// @throws AtollException TIMEOUT if an index was given and its result did not come
  public List<?> results(
      String keyId, String id, String name, @Nullable Integer index, Duration wait)
      throws InterruptedException {
    note(keyId, id);
    Live here = live.get(id);
    Batch batch = null;
    if (here != null) {
      synchronized (here.batches) {
        batch = here.batches.get(name);
      }
    }
    if (batch == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "activity " + id + " has no batch '" + name + "'",
          "batches end with this hub's daemon; the activity goes on");
    }
    if (index == null) {
      return batch.ended(wait);
    }
    List<Batch.Result> results = batch.until(index, wait);
    if (results == null) {
      throw new AtollException(
          ErrorCode.TIMEOUT, "command " + index + " has not ended", "ask again");
    }
    return results;
  }

  /// Ends an activity, and returns once it has ended. Its address in networks stays with its node
  /// there.
  ///
  /// @throws AtollException TIMEOUT if it takes longer; it ends all the same
  public void destroy(String keyId, String id, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    ActivityNote note = note(keyId, id);
    if (note.destroyedAt() == null) {
      notes.put(id, note.destroyed(Instant.now()));
    }
    Live here = live.get(id);
    if (here != null) {
      synchronized (here.batches) {
        here.batches.values().forEach(Batch::interrupt);
      }
    }
    boolean asked = false;
    while (true) {
      // A batch that was just starting it may have done so meanwhile.
      TaskView task = task(note(keyId, id));
      boolean busy = here != null && busy(here);
      if (task == null ? !busy : task.state().ended()) {
        return;
      }
      if (task != null && !asked) {
        hub.stop(task.id().text());
        asked = true;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new AtollException(
            ErrorCode.TIMEOUT, "activity " + id + " has not ended yet", "it ends; ask again");
      }
      Thread.sleep(LOOK);
    }
  }

  private static boolean busy(Live here) {
    synchronized (here.batches) {
      return here.batches.values().stream().anyMatch(batch -> !batch.isFinished());
    }
  }

  /// Ends an agreement and all of its activities.
  public void terminate(String keyId, String agreement) throws InterruptedException {
    market.terminate(keyId, agreement);
    for (ActivityNote note : notes.all()) {
      if (note.agreement().equals(agreement) && note.destroyedAt() == null) {
        try {
          destroy(keyId, note.id(), Duration.ZERO);
        } catch (AtollException e) {
          if (e.code() != ErrorCode.TIMEOUT) {
            throw e;
          }
        }
      }
    }
  }

  private @Nullable TaskView task(ActivityNote note) {
    TaskId task = note.task();
    if (task == null) {
      return null;
    }
    try {
      return hub.task(task.text());
    } catch (AtollException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return null; // It was deleted in the hub's own words.
    }
  }

  private ActivityNote note(String keyId, String id) {
    ActivityNote note =
        notes
            .get(id)
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.NOT_FOUND,
                        "there is no activity '" + id + "'",
                        "one that was destroyed is kept for a day"));
    if (!note.keyId().equals(keyId)) {
      throw Nets.denied("activity " + id);
    }
    return note;
  }

  /// Batches end here; what was started goes on.
  @Override
  public void close() {
    for (Live here : live.values()) {
      synchronized (here.batches) {
        here.batches.values().forEach(Batch::interrupt);
      }
    }
  }
}
