package io.atoll.daemon.rest;

import io.atoll.client.api.NodeList;
import io.atoll.client.api.PingView;
import io.atoll.daemon.hub.HubApi;
import java.time.Duration;
import java.util.List;

/// Nodes: list, show, ping, forget.
final class NodeResource {
  private static final String ROOT = "/api/v1/nodes";

  private final HubApi hub;

  NodeResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, call -> call.json(200, new NodeList(hub.nodes()))),
        Route.get(ROOT + "/{node}", call -> call.json(200, hub.node(call.path("node")))),
        Route.post(ROOT + "/{node}/ping", this::ping),
        Route.delete(ROOT + "/{node}", this::forget));
  }

  private void ping(Call call) throws InterruptedException {
    Duration trip = hub.ping(call.path("node"));
    call.json(200, new PingView(trip.toNanos() / 1e6));
  }

  private void forget(Call call) throws InterruptedException {
    hub.forgetNode(call.path("node"));
    call.nothing();
  }
}
