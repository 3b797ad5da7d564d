package io.atoll.daemon.rest;

import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskView;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.HubApi.Output;
import io.atoll.daemon.hub.HubApi.OutputPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The output of a task as server-sent events. The stream names its run first, so that a client
/// that was cut off resumes in the same one.
final class LogResource {
  private final HubApi hub;
  private final LiveStreams live;
  private final TaskWatch watch;

  LogResource(HubApi hub, LiveStreams live) {
    this.hub = hub;
    this.live = live;
    this.watch = new TaskWatch(hub);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/api/v1/tasks/{task}/logs", this::stream).with("run", "offset", "follow"));
  }

  private void stream(Call call) throws IOException, InterruptedException {
    long offset = call.cursor("offset").orElse(0L);
    boolean follow = call.flag("follow", false);
    Optional<Epoch> run = call.query("run").map(LogResource::epoch);
    TaskView task = hub.task(call.path("task"));
    if (run.isPresent() || TaskWatch.hasRun(task)) {
      Epoch epoch = run.isPresent() ? run.get() : task.epoch();
      // Opened before the first byte is sent: what fails here is still a plain problem.
      try (LiveStreams.Admission _ = live.admit();
          Output output = hub.output(task.id().text(), String.valueOf(epoch), offset, follow);
          EventStream stream = EventStream.open(call.response())) {
        Streaming.run(stream, () -> send(stream, output, epoch, offset));
      }
      return;
    }
    try (LiveStreams.Admission _ = live.admit();
        EventStream stream = EventStream.open(call.response())) {
      Streaming.run(stream, () -> waitAndSend(stream, task, offset, follow));
    }
  }

  private void waitAndSend(EventStream stream, TaskView task, long offset, boolean follow)
      throws IOException, InterruptedException {
    TaskView placed = follow ? watch.placed(task, stream::ping) : task;
    Epoch epoch = placed.epoch();
    if (epoch == null || !TaskWatch.hasRun(placed)) {
      stream.event("run", new OutputEvents.Run(null));
      stream.event(offset, "end", new OutputEvents.End(offset));
      return;
    }
    try (Output output = hub.output(task.id().text(), epoch.toString(), offset, true)) {
      send(stream, output, epoch, offset);
    }
  }

  private static void send(EventStream stream, Output output, @Nullable Epoch epoch, long offset)
      throws IOException, InterruptedException {
    stream.event("run", new OutputEvents.Run(epoch));
    stream.flush();
    long end = offset;
    Duration wait = Duration.ZERO;
    while (true) {
      switch (output.next(wait)) {
        case OutputPart.Chunk(OutputChunk chunk) -> {
          end = chunk.end();
          stream.raw(end, "output", json(chunk));
          // What is there already goes out in one piece.
          wait = Duration.ZERO;
        }
        case OutputPart.Dropped(long from, long until) -> {
          end = until;
          stream.event(end, "dropped", new OutputEvents.Dropped(from, until));
          wait = Duration.ZERO;
        }
        case OutputPart.Nothing() -> {
          if (wait.isZero()) {
            stream.flush();
            wait = EventStream.PING;
          } else {
            stream.ping();
          }
        }
        case OutputPart.End() -> {
          stream.event(end, "end", new OutputEvents.End(end));
          return;
        }
      }
    }
  }

  /// By hand: this is the one place where megabytes pass, and all of it is ASCII.
  private static byte[] json(OutputChunk chunk) {
    String head =
        "{\"offset\":"
            + chunk.offset()
            + ",\"stream\":\""
            + chunk.stream()
            + "\",\"time\":\""
            + chunk.time()
            + "\",\"data\":\"";
    byte[] data = Base64.getEncoder().encode(chunk.data());
    byte[] json = new byte[head.length() + data.length + 2];
    System.arraycopy(head.getBytes(StandardCharsets.ISO_8859_1), 0, json, 0, head.length());
    System.arraycopy(data, 0, json, head.length(), data.length);
    json[json.length - 2] = '"';
    json[json.length - 1] = '}';
    return json;
  }

  private static Epoch epoch(String text) {
    try {
      return Epoch.parse(text);
    } catch (IllegalArgumentException e) {
      throw Call.wrong("run", text, "use the epoch of a run, such as 1-7");
    }
  }
}
