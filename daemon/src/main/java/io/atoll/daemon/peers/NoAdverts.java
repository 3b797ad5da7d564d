package io.atoll.daemon.peers;

import io.atoll.client.api.AdvertView;
import io.atoll.client.request.AdvertMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.List;

/// Of a daemon that takes no part in the DHT and hears no gossip.
public final class NoAdverts implements AdvertsApi {
  @Override
  public List<AdvertView> find(AdvertMapping.Query query) {
    throw new AtollException(
        ErrorCode.NOT_READY,
        "this daemon hears no advertisements: it takes no part in the DHT",
        "join a hub with an invite of its owner: `atoll join INVITE`");
  }
}
