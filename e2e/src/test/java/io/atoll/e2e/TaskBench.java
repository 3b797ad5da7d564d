package io.atoll.e2e;

import io.atoll.client.HubClient;
import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.os.FolderRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Submit to exit as a caller of the API sees it, with hub and provider as two processes over real
/// connections and everything durable; sandboxed and bare in turn. `main(ROUNDS SEED)`: the first
/// single tasks of daemons that just came up; a flood of 1,000 no-ops each way to warm up and three
/// that count, with the processor time that each part of the system took for a task; then rounds of
/// 20 single tasks each.
final class TaskBench {
  private static final int FLOOD = 1000;
  private static final int SUBMITTERS = 8;

  private TaskBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    Path folder = Files.createTempDirectory("atoll-bench-");
    try (Pool pool = Pool.start(folder, 1, "--allow-unsandboxed", "--share-cpus", "4")) {
      print("fresh daemons' first 20, bare, ms", latency(pool.client, true, 20));
      print("fresh daemons' next 20, sandboxed, ms", latency(pool.client, false, 20));
      flood(pool, true); // warm up
      flood(pool, false);
      List<Double> bareFloods = new ArrayList<>();
      List<Double> sandboxedFloods = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        bareFloods.add(flood(pool, true));
        sandboxedFloods.add(flood(pool, false));
      }
      print("1,000 no-ops, bare, tasks/s", bareFloods);
      print("1,000 no-ops, sandboxed, tasks/s", sandboxedFloods);
      List<Double> bare = new ArrayList<>();
      List<Double> sandboxed = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        bare.addAll(latency(pool.client, true, 20));
        sandboxed.addAll(latency(pool.client, false, 20));
      }
      print("submit to exit, bare, ms", bare);
      print("submit to exit, sandboxed, ms", sandboxed);
    } finally {
      FolderRemoval.remove(folder);
    }
  }

  private static TaskRequest noOp(boolean bare) {
    return Requests.process(bare, "/bin/true");
  }

  private static List<Double> latency(HubClient client, boolean bare, int count)
      throws InterruptedException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      TaskView made = client.create(noOp(bare), UUID.randomUUID().toString());
      TaskView ended = client.task(made.id().text(), Duration.ofSeconds(30));
      millis.add((System.nanoTime() - begin) / 1e6);
      if (ended.state() != TaskState.SUCCEEDED) {
        throw new IllegalStateException(
            ended.id() + " " + ended.state() + " " + ended.exitDetail());
      }
    }
    return millis;
  }

  /// Tasks completed a second, from the first submit to the last end seen on the event stream.
  private static double flood(Pool pool, boolean bare) throws Exception {
    HubClient client = pool.client;
    long[] before = processorMillis(pool);
    CountDownLatch ended = new CountDownLatch(FLOOD);
    long cursor = lastEvent(client);
    Thread follower =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.events(cursor, null, true, event -> count(event, ended));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    long begin = System.nanoTime();
    try (ExecutorService submitters = Executors.newFixedThreadPool(SUBMITTERS)) {
      for (int i = 0; i < FLOOD; i++) {
        submitters.submit(() -> client.create(noOp(bare), UUID.randomUUID().toString()));
      }
    }
    if (!ended.await(5, TimeUnit.MINUTES)) {
      throw new IllegalStateException(ended.getCount() + " tasks did not end");
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    follower.interrupt();
    long[] after = processorMillis(pool);
    System.out.printf(
        Locale.ROOT,
        "  %s flood, processor ms a task: machine %.2f, hub %.2f, provider %.2f, this client %.2f%n",
        bare ? "bare" : "sandboxed",
        (after[0] - before[0]) / (double) FLOOD,
        (after[1] - before[1]) / (double) FLOOD,
        (after[2] - before[2]) / (double) FLOOD,
        (after[3] - before[3]) / (double) FLOOD);
    return FLOOD / seconds;
  }

  /// Processor time so far, in ms: of the whole machine (its idle time left out), of the hub, of
  /// the provider, of this process.
  private static long[] processorMillis(Pool pool) throws IOException {
    String[] machine =
        Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +");
    long busy = 0;
    for (int field : new int[] {1, 2, 3, 6, 7}) {
      busy += Long.parseLong(machine[field]);
    }
    return new long[] {
      busy * 10, // the kernel counts in hundredths of a second
      spent(ProcessHandle.of(pool.hub.pid()).orElseThrow()),
      spent(ProcessHandle.of(pool.providers.getFirst().pid()).orElseThrow()),
      spent(ProcessHandle.current())
    };
  }

  private static long spent(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  private static void count(EventView event, CountDownLatch ended) {
    if (event.type().equals("task.succeeded")) {
      ended.countDown();
    } else if (event.type().equals("task.failed")) {
      throw new IllegalStateException(event.toString());
    }
  }

  private static long lastEvent(HubClient client) throws InterruptedException {
    return client.events(0, null, false, event -> {});
  }

  private static void print(String what, List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%-36s n=%d p50 %.1f p95 %.1f min %.1f max %.1f%n",
        what,
        sorted.length,
        sorted[sorted.length / 2],
        sorted[(int) (sorted.length * 0.95)],
        sorted[0],
        sorted[sorted.length - 1]);
    if (sorted.length < 10) {
      System.out.println("  " + Arrays.toString(sorted));
    }
  }
}
