package io.atoll.daemon.rest;

import io.atoll.client.api.EventView;
import io.atoll.client.api.OutputEvents;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.Query.EventPage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What happened, as server-sent events.
final class EventResource {
  private static final int PAGE = 500;

  private final HubApi hub;
  private final LiveStreams live;

  EventResource(HubApi hub, LiveStreams live) {
    this.hub = hub;
    this.live = live;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/events", this::stream).with("after", "task", "follow"));
  }

  private void stream(Call call) throws IOException, InterruptedException {
    Optional<Long> asked = call.cursor("after");
    boolean follow = call.flag("follow", true);
    Optional<String> name = call.query("task");
    @Nullable TaskId task = name.isPresent() ? hub.task(name.get()).id() : null;
    // Asked before the first byte is sent: a trimmed cursor is still a plain 410.
    long after = asked.isPresent() ? asked.get() : oldest();
    EventPage first = hub.events(after, task, PAGE, Duration.ZERO);
    try (LiveStreams.Admission _ = live.admit();
        EventStream stream = EventStream.open(call.response())) {
      Streaming.run(stream, () -> send(stream, first, after, task, follow));
    }
  }

  /// The cursor before the oldest event that is kept: asked of the end of the history, which is
  /// never trimmed.
  private long oldest() throws InterruptedException {
    EventPage page = hub.events(Long.MAX_VALUE, null, 1, Duration.ZERO);
    return Math.max(0, page.oldest() - 1);
  }

  private void send(
      EventStream stream, EventPage first, long start, @Nullable TaskId task, boolean follow)
      throws IOException, InterruptedException {
    EventPage page = first;
    long after = start;
    while (true) {
      for (EventView event : page.events()) {
        stream.event(event.seq(), event.type(), event);
        after = event.seq();
      }
      boolean more = page.events().size() == PAGE;
      if (!more) {
        // Events of other tasks are behind us too.
        after = Math.max(after, page.last());
      }
      if (!more && !follow) {
        stream.event("end", new OutputEvents.End(after));
        return;
      }
      if (!page.events().isEmpty()) {
        stream.flush();
      }
      page = hub.events(after, task, PAGE, more ? Duration.ZERO : EventStream.PING);
      if (page.events().isEmpty() && !more) {
        stream.ping(after);
      }
    }
  }
}
