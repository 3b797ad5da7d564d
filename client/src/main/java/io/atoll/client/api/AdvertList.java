package io.atoll.client.api;

import java.util.List;

public record AdvertList(List<AdvertView> adverts) {
  public AdvertList {
    adverts = List.copyOf(adverts);
  }
}
