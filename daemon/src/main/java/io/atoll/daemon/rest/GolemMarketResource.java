package io.atoll.daemon.rest;

import static io.atoll.daemon.rest.GolemNetResource.done;
import static io.atoll.daemon.rest.GolemNetResource.key;

import io.atoll.daemon.golem.Activities;
import io.atoll.daemon.golem.Market;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// As much of Golem's market as leads to an agreement.
final class GolemMarketResource {
  private static final String ROOT = "/market-api/v1";
  private static final String DEMAND = ROOT + "/demands/{demand}";
  private static final String PROPOSAL = DEMAND + "/proposals/{proposal}";
  private static final String AGREEMENT = ROOT + "/agreements/{agreement}";
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final Market market;
  private final Activities activities;

  GolemMarketResource(Market market, Activities activities) {
    this.market = market;
    this.activities = activities;
  }

  List<Route> routes() {
    return List.of(
        Route.post(
            ROOT + "/demands", call -> call.json(201, market.subscribe(key(call), call.body()))),
        Route.delete(DEMAND, this::unsubscribe),
        Route.get(DEMAND + "/events", this::events).with("timeout", "maxEvents"),
        Route.get(
            PROPOSAL,
            call ->
                call.json(
                    200, market.proposal(key(call), call.path("demand"), call.path("proposal")))),
        Route.post(
            PROPOSAL,
            call ->
                call.json(
                    200,
                    market.counter(
                        key(call), call.path("demand"), call.path("proposal"), call.body()))),
        Route.post(
            ROOT + "/agreements", call -> call.json(201, market.agree(key(call), call.body()))),
        Route.get(AGREEMENT, call -> call.json(200, market.show(key(call), id(call)))),
        Route.post(AGREEMENT + "/confirm", this::confirm).with("appSessionId"),
        Route.post(AGREEMENT + "/wait", this::await).with("timeout"),
        Route.post(AGREEMENT + "/terminate", this::terminate));
  }

  private static String id(Call call) {
    return call.path("agreement");
  }

  /// A number of seconds, perhaps with a fraction.
  static Duration timeout(Call call, double absent, Duration most) {
    String text = call.query("timeout").orElse(String.valueOf(absent));
    double seconds;
    try {
      seconds = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw Call.wrong("timeout", text, "write a number of seconds");
    }
    if (!(seconds >= 0)) {
      throw Call.wrong("timeout", text, "write a number of seconds");
    }
    return Duration.ofMillis((long) Math.min(most.toMillis(), seconds * 1000));
  }

  private void unsubscribe(Call call) {
    market.unsubscribe(key(call), call.path("demand"));
    call.nothing();
  }

  private void events(Call call) throws InterruptedException {
    Duration wait = timeout(call, 5, LONGEST_WAIT);
    int most = (int) call.number("maxEvents", 10, 1, 1000);
    call.json(200, market.events(key(call), call.path("demand"), wait, most));
  }

  private void confirm(Call call) throws InterruptedException {
    market.confirm(key(call), id(call), call.query("appSessionId").orElse(null));
    call.nothing();
  }

  private void await(Call call) throws InterruptedException {
    market.await(key(call), id(call), timeout(call, 5, LONGEST_WAIT));
    call.nothing();
  }

  private void terminate(Call call) throws IOException, InterruptedException {
    call.body(); // Why, which nobody here reads.
    activities.terminate(key(call), id(call));
    done(call);
  }
}
