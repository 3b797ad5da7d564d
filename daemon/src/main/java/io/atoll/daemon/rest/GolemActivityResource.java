package io.atoll.daemon.rest;

import static io.atoll.daemon.rest.GolemMarketResource.timeout;
import static io.atoll.daemon.rest.GolemNetResource.done;
import static io.atoll.daemon.rest.GolemNetResource.key;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.golem.Activities;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Golem's activities: made of an agreement, told what to do in batches.
final class GolemActivityResource {
  private static final String ROOT = "/activity-api/v1/activity";
  private static final String ONE = ROOT + "/{activity}";
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final Activities activities;

  GolemActivityResource(Activities activities) {
    this.activities = activities;
  }

  List<Route> routes() {
    return List.of(
        Route.post(ROOT, this::create).with("timeout"),
        Route.delete(ONE, this::destroy).with("timeout"),
        Route.get(
            ONE + "/agreement", call -> call.json(200, activities.agreement(key(call), id(call)))),
        Route.get(
            ONE + "/state",
            call -> call.json(200, Map.of("state", activities.state(key(call), id(call))))),
        Route.get(ONE + "/usage", call -> call.json(200, activities.usage(key(call), id(call)))),
        Route.post(ONE + "/exec", this::exec),
        Route.get(ONE + "/exec/{batch}", this::results).with("timeout", "commandIndex"));
  }

  private static String id(Call call) {
    return call.path("activity");
  }

  private void create(Call call) throws IOException, InterruptedException {
    Activities.Made made = activities.create(key(call), call.body());
    call.json(201, made.bare() ? made.id() : Map.of("activityId", made.id()));
  }

  private void destroy(Call call) throws InterruptedException {
    activities.destroy(key(call), id(call), timeout(call, 30, LONGEST_WAIT));
    done(call);
  }

  private void exec(Call call) throws IOException, InterruptedException {
    byte[] script = call.body();
    call.begun();
    call.json(200, activities.exec(key(call), id(call), script));
  }

  private void results(Call call) throws InterruptedException {
    boolean stream =
        call.header(HeaderNames.ACCEPT).filter(a -> a.equals("text/event-stream")).isPresent();
    if (stream) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "results of a batch do not come as a stream of events here",
          "ask for JSON: with commandIndex and timeout it waits for each");
    }
    Integer index =
        call.query("commandIndex").isEmpty()
            ? null
            : (Integer) (int) call.number("commandIndex", 0, 0, 1000);
    Duration wait = timeout(call, 5, LONGEST_WAIT);
    call.json(200, activities.results(key(call), id(call), call.path("batch"), index, wait));
  }
}
