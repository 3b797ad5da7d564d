package io.atoll.daemon.rest;

import io.atoll.client.api.HubView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Invite;
import io.atoll.daemon.provider.ProviderApi;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A provider that notes what it is asked; every hub answers at once.
final class MemoryProvider implements ProviderApi {
  private final Map<String, HubView> joined = new ConcurrentHashMap<>();

  @Override
  public List<HubView> hubs() {
    return List.copyOf(joined.values());
  }

  @Override
  public HubView join(Invite invite) {
    HubView hub =
        new HubView(
            invite.hub(),
            true,
            "connected",
            invite.addresses(),
            List.of("process"),
            false,
            false,
            Instant.now());
    joined.put(hub.id().text(), hub);
    return hub;
  }

  @Override
  public HubView allow(PeerId peer) {
    HubView allowed =
        new HubView(
            peer,
            true,
            "may send deployment requests",
            List.of(),
            List.of("process"),
            false,
            false,
            Instant.now());
    joined.put(peer.text(), allowed);
    return allowed;
  }

  @Override
  public void leave(String hub) {
    if (joined.remove(hub) == null) {
      throw new AtollException(ErrorCode.NOT_FOUND, "not joined", "list them");
    }
  }
}
