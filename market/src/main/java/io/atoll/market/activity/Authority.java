package io.atoll.market.activity;

import java.util.List;

/// By whose right an order is given: the id of the app's key, and the chain of grants that leads to
/// it, outermost first (empty while keys hold all rights of their hub).
public record Authority(String keyId, List<String> grants) {
  public Authority {
    grants = List.copyOf(grants);
  }
}
