package io.atoll.daemon.rest;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.term.TaskId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the surface costs, without a hub behind it. Not a test: run its `main`.
///
/// Without arguments it prints medians of create, show and of the way of a line of output to a
/// follower. With a folder it serves a hub in memory there until it is ended, as a daemon would.
final class RestBench {
  private static final int ROUNDS = 2000;

  private RestBench() {}

  public static void main(String[] arguments) throws Exception {
    try (ServedHub served = new ServedHub()) {
      if (arguments.length > 0) {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Files.writeString(folder.resolve(HubLocation.KEY_FILE), MemoryHub.SECRET);
        Files.writeString(folder.resolve(HubLocation.API_FILE), served.server.uri().toString());
        System.out.println("serving " + served.server.uri());
        Thread.sleep(Long.MAX_VALUE);
      }
      measure(served);
    }
    System.exit(0);
  }

  private static void measure(ServedHub served) throws Exception {
    HubLocation location = new HubLocation(served.server.uri(), MemoryHub.SECRET, "bench");
    HubClient client = new HubClient(() -> location);
    TaskRequest request = request();
    TaskView first = client.create(request, UUID.randomUUID().toString());
    report("create", () -> client.create(request, UUID.randomUUID().toString()));
    report("show", () -> client.task(first.id().text()));
    TaskId id = first.id();
    served.hub.place(id);
    SynchronousQueue<Long> arrived = new SynchronousQueue<>();
    Thread.ofVirtual().start(() -> follow(client, id, arrived));
    Thread.sleep(300);
    report(
        "output to follower",
        () -> {
          served.hub.print(id, "a line of output\n");
          arrived.poll(5, TimeUnit.SECONDS);
        });
  }

  private static void follow(HubClient client, TaskId id, SynchronousQueue<Long> arrived) {
    try {
      client.logs(
          id.text(),
          null,
          0,
          true,
          new LogSink() {
            @Override
            public void output(OutputEvents.Output piece) {
              try {
                arrived.put(piece.offset());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }

            @Override
            public void dropped(long from, long until) {}
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void report(String name, Step step) throws Exception {
    long[] nanos = new long[ROUNDS];
    for (int i = -ROUNDS / 2; i < ROUNDS; i++) {
      long begin = System.nanoTime();
      step.run();
      if (i >= 0) {
        nanos[i] = System.nanoTime() - begin;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%-20s p50 %6.0f µs  p99 %6.0f µs%n",
        name, nanos[ROUNDS / 2] / 1e3, nanos[ROUNDS * 99 / 100] / 1e3);
  }

  private static TaskRequest request() {
    @Nullable String none = null;
    return new TaskRequest(
        none,
        none,
        none,
        List.of("/bin/true"),
        null,
        none,
        none,
        none,
        null,
        none,
        null,
        null,
        none,
        null,
        none,
        none,
        none,
        null,
        null);
  }
}
