package io.atoll.daemon.rest;

import io.atoll.client.api.AdvertView;
import io.atoll.client.request.AdvertMapping;
import io.atoll.core.json.Json;
import io.atoll.core.term.Resources;
import io.atoll.daemon.peers.AdvertsApi;
import io.atoll.market.advert.AdvertData;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// One provider and one hub, and what was asked last.
final class MemoryAdverts implements AdvertsApi {
  private static final List<String> ADDRESSES = List.of("/ip4/192.0.2.1/tcp/7464");
  private volatile String asked = "";

  String asked() {
    return asked;
  }

  @Override
  public List<AdvertView> find(AdvertMapping.Query query) {
    asked =
        (query.hubs() ? "hubs " : "providers ")
            + query.least().cpuMillis()
            + " "
            + query.least().memory()
            + " "
            + query.driver()
            + " "
            + query.limit();
    AdvertData data =
        query.hubs()
            ? new AdvertData.OfHub("reef", "1", ADDRESSES)
            : new AdvertData.OfProvider(
                "ada",
                "1",
                "linux",
                "amd64",
                new Resources(4000, 1 << 30, 0),
                new Resources(2000, 1 << 29, 0),
                List.of("process"),
                Map.of(),
                ADDRESSES);
    Instant now = Instant.now();
    return List.of(
        new AdvertView(
            MemoryHub.NODE, now, now.plusSeconds(600), Json.mapper().valueToTree(data), "c2ln"));
  }
}
