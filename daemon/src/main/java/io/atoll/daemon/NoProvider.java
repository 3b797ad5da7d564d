package io.atoll.daemon;

import io.atoll.client.api.HubView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Invite;
import io.atoll.daemon.provider.ProviderApi;
import java.util.List;

/// The provider's side of the API in a daemon without that role.
final class NoProvider implements ProviderApi {
  private static AtollException noProvider() {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "this daemon is a hub and no provider: it joins no hub",
        "start it with both roles (`atoll up`), or run a provider with a data folder of its own"
            + " (`atoll up --provider --data-dir DIR`)");
  }

  @Override
  public List<HubView> hubs() {
    throw noProvider();
  }

  @Override
  public HubView join(Invite invite) {
    throw noProvider();
  }

  @Override
  public HubView allow(PeerId peer) {
    throw noProvider();
  }

  @Override
  public void leave(String hub) {
    throw noProvider();
  }
}
