package io.atoll.daemon.rest;

import io.atoll.client.api.HubList;
import io.atoll.client.request.AccessMapping;
import io.atoll.core.term.Invite;
import io.atoll.daemon.provider.ProviderApi;
import java.io.IOException;
import java.util.List;

/// The hubs that this daemon's provider works for: list, join, leave.
final class HubResource {
  private static final String ROOT = "/api/v1/hubs";

  private final ProviderApi provider;

  HubResource(ProviderApi provider) {
    this.provider = provider;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, call -> call.json(200, new HubList(provider.hubs()))),
        Route.post(ROOT, this::join),
        Route.delete(ROOT + "/{hub}", this::leave));
  }

  private void join(Call call) throws IOException, InterruptedException {
    Invite invite = Invite.parse(AccessMapping.join(call.body()));
    call.json(201, provider.join(invite));
  }

  private void leave(Call call) throws InterruptedException {
    provider.leave(call.path("hub"));
    call.nothing();
  }
}
