package io.atoll.e2e;

import io.atoll.client.LogSink;
import io.atoll.client.api.EventView;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Bare tasks whose payloads write down outside of Atoll that they begin and that they end. Nothing
/// here believes what Atoll says of a payload.
final class Payloads {
  /// What has to become of a task.
  enum Fate {
    /// It ends by itself, once, and the hub knows its exit code and output.
    TOLD,
    /// It ends by itself, and the hub may no longer know of it.
    UNTOLD,
    /// Its owner stopped and deleted it: it may have ended early, but never began twice.
    DELETED,
    /// The hub gave it up: it ends by itself, and never began twice.
    GIVEN_UP
  }

  /// @param seconds that it runs, with a line of output five times a second
  record Kind(String label, String node, String cpus, double seconds) {
    Kind {
      if (seconds <= 0) {
        throw new IllegalArgumentException("a payload runs for a while");
      }
    }
  }

  private record Task(String id, Kind kind, int exitCode, String output) {}

  private final Pool pool;
  private final Witness witness;
  private final Path folder;
  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Map<String, Fate> fates = new ConcurrentHashMap<>();
  private int made;

  /// @param folder the witness's own
  Payloads(Pool pool, Witness witness, Path folder) {
    this.pool = pool;
    this.witness = witness;
    this.folder = folder;
  }

  /// Submits `count` of a kind, to end by themselves and to be told.
  List<String> submit(int count, Kind kind) throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(submit(kind));
    }
    return ids;
  }

  /// Submits one, again and again with the same key while the hub is away.
  synchronized String submit(Kind kind) throws InterruptedException {
    int exitCode = made++ % 97;
    int lines = Math.max(1, (int) (kind.seconds() * 5));
    StringBuilder output = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      output.append(kind.label()).append(' ').append(exitCode).append(' ').append(i).append('\n');
    }
    String script =
        witness.line()
            + "i=0; while [ $i -lt %d ]; do echo %s %d $i; sleep 0.2; i=$((i+1)); done\n"
                .formatted(lines, kind.label(), exitCode)
            + "umask 0; echo end >> "
            + folder
            + "/$ATOLL_TASK.ends\nexit "
            + exitCode;
    TaskRequest request =
        new TaskRequest(
            null,
            "process",
            null,
            List.of("/bin/sh", "-c", script),
            null,
            kind.cpus(),
            "8Mi",
            null,
            null,
            kind.node(),
            null,
            null,
            null,
            null,
            "keep",
            null,
            "1s",
            null,
            true);
    String key = UUID.randomUUID().toString();
    while (true) {
      try {
        String id = pool.client.create(request, key).id().text();
        tasks.put(id, new Task(id, kind, exitCode, output.toString()));
        fates.put(id, Fate.TOLD);
        return id;
      } catch (AtollException e) {
        if (e.code().kind() == ErrorCode.Kind.CALLER) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  void expect(Fate fate, List<String> ids) {
    ids.forEach(id -> fates.put(id, fate));
  }

  int size() {
    return tasks.size();
  }

  /// How often the payload began, in any epoch.
  int began(String id) throws IOException {
    return witness.starts(id).values().stream().mapToInt(Integer::intValue).sum();
  }

  boolean ended(String id) {
    return Files.exists(folder.resolve(id + ".ends"));
  }

  boolean runs(String id) throws IOException {
    return began(id) > 0 && !ended(id);
  }

  TaskView awaitState(String id, TaskState state) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    TaskView view = pool.client.task(id);
    while (view.state() != state && !view.state().ended() && System.nanoTime() < deadline) {
      Thread.sleep(50);
      view = pool.client.task(id);
    }
    if (view.state() != state) {
      throw new AssertionError(tasks.get(id).kind() + " " + id + " is not " + state + ": " + view);
    }
    return view;
  }

  void awaitEnded(List<String> ids) throws InterruptedException {
    for (String id : ids) {
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!pool.client.task(id).state().ended()) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("not ended: " + pool.client.task(id));
        }
        Thread.sleep(50);
      }
    }
  }

  /// What is wrong, one line each.
  List<String> verdict(Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> wrong = new ArrayList<>();
    for (Task task : tasks.values()) {
      Fate fate = fates.get(task.id());
      awaitEnd(task, fate, deadline);
      int began = began(task.id());
      if (began > 1) {
        wrong.add(words(task) + " DOUBLED, it began in " + witness.starts(task.id()));
      }
      if (fate != Fate.DELETED && began > 0 && !ended(task.id())) {
        wrong.add(words(task) + " KILLED, it began and did not end: " + view(task));
      }
      if (fate == Fate.TOLD) {
        judgeTold(task, began, wrong);
      }
    }
    return wrong;
  }

  /// Tasks of which the hub ever said that a run of theirs was lost.
  List<String> judgedLost() {
    return tasks.keySet().stream()
        .filter(id -> pool.client.task(id).events().stream().anyMatch(Payloads::isLoss))
        .toList();
  }

  private static boolean isLoss(EventView event) {
    return event.type().equals("run.lost") || event.type().equals("run.returned");
  }

  private void judgeTold(Task task, int began, List<String> wrong)
      throws IOException, InterruptedException {
    TaskView view = view(task);
    if (view == null || !view.state().ended() || began == 0) {
      wrong.add(words(task) + " LOST, it began " + began + " times: " + view);
      return;
    }
    Integer code = view.exitCode();
    if (code == null || code != task.exitCode()) {
      wrong.add(words(task) + " has exit " + code + " for " + task.exitCode() + ": " + view);
    } else if (!output(task.id()).equals(task.output())) {
      wrong.add(words(task) + " its output is not what it wrote");
    }
  }

  private void awaitEnd(Task task, Fate fate, long deadline)
      throws IOException, InterruptedException {
    while (System.nanoTime() < deadline) {
      TaskView view = view(task);
      boolean told = view != null && view.state().ended();
      boolean over =
          switch (fate) {
            case TOLD -> told;
            case UNTOLD, GIVEN_UP -> ended(task.id());
            case DELETED -> view == null || told;
          };
      if (over) {
        return;
      }
      Thread.sleep(100);
    }
  }

  private @Nullable TaskView view(Task task) {
    try {
      return pool.client.task(task.id());
    } catch (AtollException e) {
      return null;
    }
  }

  private static String words(Task task) {
    return task.id() + " (" + task.kind().label() + ")";
  }

  /// Figures for people: how many tasks of each kind.
  String count() {
    Map<String, Integer> byLabel = new TreeMap<>();
    tasks.values().forEach(task -> byLabel.merge(task.kind().label(), 1, Integer::sum));
    return tasks.size() + " tasks " + byLabel;
  }

  private String output(String id) throws InterruptedException, IOException {
    StringBuilder all = new StringBuilder();
    pool.client.logs(
        id,
        null,
        0,
        true,
        new LogSink() {
          @Override
          public void output(OutputEvents.Output piece) {
            all.append(new String(piece.data(), StandardCharsets.UTF_8));
          }

          @Override
          public void dropped(long from, long until) {
            all.append("[dropped]");
          }
        });
    return all.toString();
  }
}
