package io.atoll.daemon.rest;

import io.atoll.client.api.TaskPage;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.Shown;
import io.atoll.client.request.TaskMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.KeyRow;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Tasks: create, list, show, stop, suspend, resume, delete.
final class TaskResource {
  private static final String ROOT = "/api/v1/tasks";
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1000;

  private final HubApi hub;
  private final TaskWatch watch;

  TaskResource(HubApi hub) {
    this.hub = hub;
    this.watch = new TaskWatch(hub);
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, this::list).with("ended", "cursor", "limit"),
        Route.post(ROOT, this::create),
        Route.get(ROOT + "/{task}", this::show).with("wait"),
        Route.delete(ROOT + "/{task}", this::delete),
        Route.post(ROOT + "/{task}/stop", this::stop),
        Route.post(ROOT + "/{task}/suspend", this::suspend).with("deep"),
        Route.post(ROOT + "/{task}/resume", this::resume));
  }

  private void create(Call call) throws IOException, InterruptedException {
    KeyRow key = Objects.requireNonNull(call.key(), "the route needs a key");
    Optional<String> idempotencyKey = call.header(HeaderNames.create("Idempotency-Key"));
    idempotencyKey.ifPresent(TaskResource::checkIdempotencyKey);
    byte[] body = call.body();
    TaskSpec spec = TaskMapping.spec(TaskMapping.read(body));
    needDriver(spec.workload().driver());
    TaskView task = hub.submit(spec, key.id(), idempotencyKey.orElse(null), sha256(body));
    call.response().header(HeaderNames.LOCATION, ROOT + "/" + task.id());
    call.json(202, task);
  }

  /// A runtime of somebody else is known by the nodes that have it.
  private void needDriver(String driver) {
    if (!TaskMapping.DRIVERS.contains(driver)) {
      Set<String> offered = new TreeSet<>();
      hub.nodes().forEach(node -> offered.addAll(node.drivers()));
      if (!offered.contains(driver)) {
        throw TaskMapping.unknown(driver, offered);
      }
    }
  }

  private void list(Call call) {
    int limit = (int) call.number("limit", DEFAULT_PAGE, 1, LARGEST_PAGE);
    TaskId before = call.query("cursor").map(TaskResource::cursor).orElse(null);
    List<TaskView> tasks = hub.tasks(call.flag("ended", true), before, limit);
    TaskId next = tasks.size() < limit ? null : tasks.getLast().id();
    call.json(200, new TaskPage(tasks, next));
  }

  private void show(Call call) throws InterruptedException {
    Duration wait = call.span("wait", LONGEST_WAIT);
    String task = call.path("task");
    call.json(200, wait.isZero() ? hub.task(task) : watch.ended(task, wait));
  }

  private void stop(Call call) throws InterruptedException {
    call.json(202, hub.stop(call.path("task")));
  }

  private void suspend(Call call) throws InterruptedException {
    call.json(202, hub.suspend(call.path("task"), call.flag("deep", false)));
  }

  private void resume(Call call) throws InterruptedException {
    call.json(202, hub.resume(call.path("task")));
  }

  private void delete(Call call) throws InterruptedException {
    hub.delete(call.path("task"));
    call.nothing();
  }

  private static TaskId cursor(String text) {
    if (!TaskId.isId(text)) {
      throw Call.wrong("cursor", text, "use the next of the page before");
    }
    return new TaskId(text);
  }

  private static void checkIdempotencyKey(String key) {
    if (key.isEmpty() || key.length() > 255 || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "Idempotency-Key: " + Shown.quoted(key) + " cannot be used",
          "use 1 to 255 visible ASCII characters, such as a random UUID");
    }
  }

  private static String sha256(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
