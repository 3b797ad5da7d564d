package io.atoll.daemon.rest;

import io.atoll.client.api.InviteList;
import io.atoll.client.api.InviteView;
import io.atoll.client.request.AccessMapping;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.util.List;

/// Invites: make, list, revoke.
final class InviteResource {
  private static final String ROOT = "/api/v1/invites";

  private final HubApi hub;

  InviteResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, call -> call.json(200, new InviteList(hub.invites()))),
        Route.post(ROOT, this::create),
        Route.delete(ROOT + "/{invite}", this::revoke));
  }

  private void create(Call call) throws IOException, InterruptedException {
    AccessMapping.Invite asked = AccessMapping.invite(call.body());
    PeerId peer = asked.peer();
    InviteView invite =
        peer == null
            ? hub.createInvite(asked.role(), asked.validFor())
            : hub.admit(peer, asked.validFor());
    call.json(201, invite);
  }

  private void revoke(Call call) throws InterruptedException {
    hub.revokeInvite(call.path("invite"));
    call.nothing();
  }
}
