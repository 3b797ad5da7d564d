package io.atoll.daemon.rest;

import io.atoll.client.api.HubList;
import io.atoll.client.request.AccessMapping;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Invite;
import io.atoll.daemon.peers.NetworkApi;
import io.atoll.daemon.provider.ProviderApi;
import java.io.IOException;
import java.util.List;

/// The hubs that this daemon's provider works for: list, join, leave; and peers that may send it
/// deployment requests. For whom a machine works says its owner, not who may use its hub.
final class HubResource {
  private static final String ROOT = "/api/v1/hubs";

  private final ProviderApi provider;
  private final NetworkApi network;
  private final OwnersOnly owners;

  /// @param network knows where hubs are
  HubResource(ProviderApi provider, NetworkApi network, OwnersOnly owners) {
    this.provider = provider;
    this.network = network;
    this.owners = owners;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, call -> call.json(200, new HubList(provider.hubs()))),
        Route.post(ROOT, owners.only(this::join)),
        Route.post(ROOT + "/{hub}/allow", owners.only(this::allow)),
        Route.delete(ROOT + "/{hub}", owners.only(this::leave)));
  }

  private void join(Call call) throws IOException, InterruptedException {
    AccessMapping.Join asked = AccessMapping.join(call.body());
    String invite = asked.invite();
    PeerId hub = asked.hub();
    Invite way =
        hub == null
            ? Invite.parse(String.valueOf(invite))
            : Invite.pinned(hub, addresses(hub, asked.addresses()), "");
    call.begun();
    call.json(201, provider.join(way));
  }

  private List<String> addresses(PeerId hub, List<String> said) throws InterruptedException {
    return said.isEmpty() ? network.find(hub.text()).addresses() : said;
  }

  private void allow(Call call) throws InterruptedException {
    PeerId peer = peer(call.path("hub"));
    call.begun();
    call.json(201, provider.allow(peer));
  }

  private static PeerId peer(String text) {
    try {
      return PeerId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          Shown.quoted(text) + " is no peer id",
          "write the id that the peer's own program shows, such as 12D3KooW…",
          e);
    }
  }

  private void leave(Call call) throws InterruptedException {
    call.begun();
    provider.leave(call.path("hub"));
    call.nothing();
  }
}
