package io.atoll.daemon.rest;

import io.atoll.client.api.KeyList;
import io.atoll.client.api.KeyView;
import io.atoll.client.api.RedeemView;
import io.atoll.client.request.AccessMapping;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.util.List;

/// Apps: trade an invite for a key; list and revoke keys.
final class AppResource {
  private final HubApi hub;

  AppResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    return List.of(
        Route.post("/api/v1/apps/redeem", this::redeem).open(Access.INVITE),
        Route.get("/api/v1/apps/keys", this::list),
        Route.delete("/api/v1/apps/keys/{key}", this::revoke));
  }

  private void redeem(Call call) throws IOException, InterruptedException {
    AccessMapping.Redeem asked = AccessMapping.redeem(call.body());
    call.json(201, new RedeemView(hub.redeemAppInvite(asked.invite(), asked.name())));
  }

  private void list(Call call) {
    List<KeyView> keys =
        hub.keys().stream()
            .map(key -> new KeyView(key.id(), key.name(), key.createdAt(), key.revokedAt()))
            .toList();
    call.json(200, new KeyList(keys));
  }

  private void revoke(Call call) throws InterruptedException {
    hub.revokeKey(call.path("key"));
    call.nothing();
  }
}
