package io.atoll.daemon.rest;

import io.atoll.client.api.AdvertList;
import io.atoll.client.request.AdvertMapping;
import io.atoll.daemon.peers.AdvertsApi;
import java.util.List;

/// What other nodes advertise.
final class AdvertResource {
  private final AdvertsApi adverts;

  AdvertResource(AdvertsApi adverts) {
    this.adverts = adverts;
  }

  List<Route> routes() {
    return List.of(
        Route.get(
                "/api/v1/p2p/adverts",
                call ->
                    call.json(200, new AdvertList(adverts.find(AdvertMapping.query(call::query)))))
            .with(AdvertMapping.PARAMETERS.toArray(String[]::new)));
  }
}
