package io.atoll.daemon.store.sqlite;

import static io.atoll.daemon.store.Rows.NODE;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// How fast the store is: `java … io.atoll.daemon.store.sqlite.StoreBenchmark [FOLDER]`. The folder
/// decides which disk is measured; its content is deleted afterwards.
public final class StoreBenchmark {
  private static final int ROUNDS = 3;

  private StoreBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path parent =
        args.length > 0 ? Path.of(args[0]) : Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = Files.createTempDirectory(Files.createDirectories(parent), "store-bench");
    long opening = System.nanoTime();
    try (SqliteStore store = SqliteStore.open(folder)) {
      print("open, first time in this JVM", "%.0f ms", (System.nanoTime() - opening) / 1e6);
      for (int round = 1; round <= ROUNDS; round++) {
        System.out.println("round " + round + " of " + ROUNDS);
        singles(store, 1, 1_500);
        singles(store, 16, 16_000);
        singles(store, 256, 80_000);
        lifecycles(store, 1, 200);
        lifecycles(store, 16, 8_000);
        lifecycles(store, 256, 20_000);
        reads(store);
      }
      long start = System.nanoTime();
      store.backup(folder.resolve("copy.db"));
      print(
          "backup of " + (Files.size(folder.resolve("copy.db")) >> 20) + " MiB",
          "%.0f ms",
          (System.nanoTime() - start) / 1e6);
    }
    reopening(folder);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static long nextId;

  private static void singles(SqliteStore store, int grouped, int transactions) {
    List<TaskId> ids = new ArrayList<>();
    double[] millis = new double[transactions / grouped];
    long start = System.nanoTime();
    for (int g = 0; g < millis.length; g++) {
      List<Transaction> group = new ArrayList<>();
      for (int i = 0; i < grouped; i++) {
        TaskId id = Rows.id(++nextId);
        ids.add(id);
        group.add(
            Rows.change(new Change.PutTask(Rows.task(id, null, TaskState.STOPPED, Epoch.NONE))));
      }
      long before = System.nanoTime();
      store.commit(group);
      millis[g] = (System.nanoTime() - before) / 1e6;
    }
    report("insert of a task, " + grouped + " a group", millis.length * grouped, start, millis);
  }

  /// What a hub writes for a task that runs at once and ends well: create, place, running, exited;
  /// each with what it rests on and its event.
  private static void lifecycles(SqliteStore store, int grouped, int tasks) {
    double[] millis = new double[tasks / grouped * 3];
    int m = 0;
    long start = System.nanoTime();
    for (int g = 0; g < tasks / grouped; g++) {
      List<Transaction> begun = new ArrayList<>();
      List<Transaction> running = new ArrayList<>();
      List<Transaction> exited = new ArrayList<>();
      for (int i = 0; i < grouped; i++) {
        TaskId id = Rows.id(++nextId);
        Epoch epoch = new Epoch(1, nextId);
        RunId run = new RunId(id, epoch);
        begun.add(
            Rows.when(
                new Precondition.TaskAbsent(id),
                new Change.PutTask(Rows.queued(id)),
                new Change.Append(event("task.created", id))));
        begun.add(
            Rows.when(
                new Precondition.TaskIs(id, Epoch.NONE, TaskState.QUEUED),
                new Change.PutTask(Rows.task(id, null, TaskState.STARTING, epoch)),
                new Change.PutRun(Rows.run(run, null)),
                new Change.PutEpoch(epoch),
                new Change.Append(event("run.placed", id))));
        running.add(
            Rows.when(
                new Precondition.TaskIs(id, epoch, TaskState.STARTING),
                new Change.PutTask(Rows.task(id, null, TaskState.RUNNING, epoch)),
                new Change.PutRun(Rows.run(run, RunState.RUNNING)),
                new Change.Append(event("run.running", id))));
        exited.add(
            Rows.when(
                new Precondition.TaskIs(id, epoch, TaskState.RUNNING),
                new Change.PutTask(Rows.task(id, null, TaskState.SUCCEEDED, epoch)),
                new Change.PutRun(Rows.run(run, RunState.EXITED)),
                new Change.Append(event("run.exited", id))));
      }
      for (List<Transaction> group : List.of(begun, running, exited)) {
        long before = System.nanoTime();
        if (!store.commit(group).stream().allMatch(Outcome.Applied.class::isInstance)) {
          throw new IllegalStateException("a transaction met a conflict");
        }
        millis[m++] = (System.nanoTime() - before) / 1e6;
      }
    }
    report(
        "whole life of a task (12 changes, 3 commits), " + grouped + " a group",
        tasks / grouped * grouped,
        start,
        millis);
  }

  private static EventView event(String type, TaskId id) {
    return new EventView(0, Rows.T0, type, id, NODE, new Epoch(1, 1), "on provider-a");
  }

  private static void reads(SqliteStore store) {
    long last = store.read(new Query.Meta()).lastSeq();
    int times = 20_000;
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      store.read(new Query.Events(last, null, 100));
    }
    print("read of events, nothing new", "%.1f µs", (System.nanoTime() - start) / 1e3 / times);
    start = System.nanoTime();
    for (int i = 0; i < 2_000; i++) {
      store.read(new Query.Events(last - 100, null, 100));
    }
    print("read of 100 events", "%.1f µs", (System.nanoTime() - start) / 1e3 / 2_000);
    start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      store.read(new Query.TaskById(Rows.id(nextId - i % 1_000)));
    }
    print("read of one task", "%.1f µs", (System.nanoTime() - start) / 1e3 / times);
  }

  private static void reopening(Path folder) throws IOException {
    try (SqliteStore store = SqliteStore.open(folder)) {
      for (int i = 0; i < 100_000; i += 1_000) {
        List<Transaction> group = new ArrayList<>();
        for (int j = 0; j < 1_000; j++) {
          group.add(Rows.change(new Change.PutTask(Rows.queued(Rows.id(++nextId)))));
        }
        store.commit(group);
      }
    }
    long start = System.nanoTime();
    try (SqliteStore store = SqliteStore.open(folder)) {
      print(
          "open a store of " + (Files.size(folder.resolve("hub.db")) >> 20) + " MiB",
          "%.0f ms",
          (System.nanoTime() - start) / 1e6);
      start = System.nanoTime();
      int live = store.read(new Query.LiveTasks()).size();
      print("read " + live + " live tasks", "%.0f ms", (System.nanoTime() - start) / 1e6);
    }
  }

  private static void report(String what, int count, long start, double[] millis) {
    double seconds = (System.nanoTime() - start) / 1e9;
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%-64s %,10.0f/s   commit p50 %.2f ms, p99 %.2f ms%n",
        what,
        count / seconds,
        millis[millis.length / 2],
        millis[millis.length * 99 / 100]);
  }

  private static void print(String what, String format, double value) {
    System.out.printf(Locale.ROOT, "%-64s %s%n", what, String.format(Locale.ROOT, format, value));
  }
}
