package io.atoll.e2e;

import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.core.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// An honest task that computes, on half a core, and says how far it is.
final class Neighbour implements AutoCloseable {
  private static final String SCRIPT =
      "while :; do i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; echo; done";

  private final Pool pool;
  private final String id;
  private final Thread follower;
  private final AtomicLong lines = new AtomicLong();

  Neighbour(Pool pool) throws InterruptedException {
    this.pool = pool;
    TaskRequest request =
        Json.mapper()
            .convertValue(
                Map.of(
                    "driver", "process",
                    "command", List.of("/bin/sh", "-c", SCRIPT),
                    "cpus", "0.5",
                    "memory", "64Mi"),
                TaskRequest.class);
    this.id = pool.client.create(request, UUID.randomUUID().toString()).id().text();
    this.follower = Thread.ofVirtual().start(this::follow);
  }

  private void follow() {
    try {
      pool.client.logs(
          id,
          null,
          0,
          true,
          new LogSink() {
            @Override
            public void output(OutputEvents.Output piece) {
              lines.addAndGet(piece.data().length);
            }

            @Override
            public void dropped(long from, long until) {
              lines.addAndGet(until - from);
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// How much it has done so far.
  long done() {
    return lines.get();
  }

  String id() {
    return id;
  }

  @Override
  public void close() throws InterruptedException {
    pool.client.stop(id);
    pool.client.task(id, Duration.ofSeconds(60));
    follower.interrupt();
    follower.join();
  }
}
