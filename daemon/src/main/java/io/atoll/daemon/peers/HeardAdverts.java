package io.atoll.daemon.peers;

import io.atoll.client.api.AdvertView;
import io.atoll.client.request.AdvertMapping;
import io.atoll.core.json.Json;
import io.atoll.market.advert.Advert;
import io.atoll.market.advert.AdvertFilter;
import io.atoll.market.advert.AdvertKind;
import io.atoll.market.advert.Adverts;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Answers searches from what this node has heard.
public final class HeardAdverts implements AdvertsApi {
  private final Adverts adverts;

  public HeardAdverts(Adverts adverts) {
    this.adverts = adverts;
  }

  @Override
  public List<AdvertView> find(AdvertMapping.Query query) throws InterruptedException {
    List<Advert> found = heard(query);
    if (found.isEmpty()) { // nothing was said since this node came: whoever is there is asked
      adverts.look(query.hubs() ? AdvertKind.HUB : AdvertKind.PROVIDER);
      found = heard(query);
    }
    return found.stream().map(HeardAdverts::view).toList();
  }

  private List<Advert> heard(AdvertMapping.Query query) {
    return query.hubs()
        ? adverts.hubs(query.limit())
        : adverts.providers(filter(query), query.limit());
  }

  private static AdvertFilter filter(AdvertMapping.Query query) {
    String driver = query.driver();
    return new AdvertFilter(
        query.least(),
        driver == null ? List.of() : List.of(driver),
        query.os(),
        query.arch(),
        Map.of());
  }

  static AdvertView view(Advert advert) {
    return new AdvertView(
        advert.peer(),
        advert.at(),
        advert.expires(),
        Json.mapper().valueToTree(advert.data()),
        Base64.getEncoder().encodeToString(advert.signed().toByteArray()));
  }
}
