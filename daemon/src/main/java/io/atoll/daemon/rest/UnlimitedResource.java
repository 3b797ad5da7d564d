package io.atoll.daemon.rest;

import io.atoll.daemon.unlimited.UnlimitedPeers;
import java.util.List;

/// Peers as Golem Unlimited's hub served them, without a prefix.
final class UnlimitedResource {
  private static final String ROOT = "/peers";

  private final UnlimitedPeers peers;

  UnlimitedResource(UnlimitedPeers peers) {
    this.peers = peers;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, this::list).with("unused", "offset", "limit"),
        Route.get(ROOT + "/{node}", call -> call.json(200, peers.details(call.path("node")))),
        Route.get(
            ROOT + "/{node}/hardware", call -> call.json(200, peers.hardware(call.path("node")))));
  }

  private void list(Call call) {
    boolean unused = call.flag("unused", false);
    long offset = call.number("offset", 0, 0, Integer.MAX_VALUE);
    long limit = call.number("limit", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
    call.json(200, peers.list(unused, offset, limit));
  }
}
