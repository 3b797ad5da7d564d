package io.atoll.daemon.rest;

import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskStats;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// What a task uses: one sample, or one after the other as server-sent events.
final class StatsResource {
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Duration USUAL = Duration.ofSeconds(2);

  private final HubApi hub;
  private final LiveStreams live;

  StatsResource(HubApi hub, LiveStreams live) {
    this.hub = hub;
    this.live = live;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/tasks/{task}/stats", this::stats));
  }

  private void stats(Call call) throws IOException, InterruptedException {
    Duration asked = call.query("interval").isEmpty() ? USUAL : call.span("interval", LONGEST);
    Duration interval = asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
    // Before the first byte is sent: what fails here is still a plain problem.
    TaskStats first = hub.stats(call.path("task"));
    if (!call.flag("follow", false)) {
      call.json(200, first);
      return;
    }
    try (LiveStreams.Admission _ = live.admit();
        EventStream stream = EventStream.open(call.response())) {
      Streaming.run(stream, () -> send(stream, first, interval));
    }
  }

  private void send(EventStream stream, TaskStats first, Duration interval)
      throws IOException, InterruptedException {
    TaskStats sample = first;
    long samples = 0;
    while (true) {
      stream.event("stats", sample);
      samples++;
      if (sample.ended()) {
        stream.event("end", new OutputEvents.End(samples));
        return;
      }
      stream.flush();
      sample = next(stream, sample, interval);
    }
  }

  /// A node that is away may come back: the samples go on then.
  private TaskStats next(EventStream stream, TaskStats last, Duration interval)
      throws IOException, InterruptedException {
    while (true) {
      Thread.sleep(interval);
      try {
        return hub.stats(last.task().text());
      } catch (AtollException e) {
        boolean away = e.code() == ErrorCode.UNREACHABLE || e.code() == ErrorCode.CONFLICT;
        if (!away || hub.task(last.task().text()).state().ended()) {
          throw e;
        }
        stream.ping();
      }
    }
  }
}
