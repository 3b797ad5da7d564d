package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Demand;
import io.atoll.scheduler.model.Demand.Right;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Traits;
import io.atoll.scheduler.model.Where;
import java.util.Collections;
import java.util.Map;

/// What a demand asks of a provider for as long as neither changes: all but room and nearness.
/// `Obstacles` says the same for people, and a test holds the two together.
final class Constraint {
  private Constraint() {}

  /// What depends on the provider's class alone.
  static boolean suits(Demand demand, Traits traits) {
    Where where = demand.where();
    return traits.drivers().contains(demand.driver())
        && traits.allowed().contains(demand.driver())
        && (where.arch().isEmpty() || where.arch().equals(traits.arch()))
        && rights(demand, traits)
        && labels(where.labels(), traits.labels())
        && (where.locations().isEmpty() || where.locations().contains(traits.location()))
        && (where.trust().isEmpty() || !Collections.disjoint(where.trust(), traits.trust()));
  }

  /// What depends on the one provider.
  static boolean suits(Demand demand, Provider provider) {
    Where where = demand.where();
    String node = where.node();
    return (node == null || provider.isCalled(node))
        && provider.price() <= where.maxPrice()
        && (where.avoid().isEmpty() || !where.avoid().contains(provider.id()))
        && demand.resources().fitsIn(provider.total());
  }

  static boolean rights(Demand demand, Traits traits) {
    for (Right right : demand.rights()) {
      if (!has(right, demand.driver(), traits)) {
        return false;
      }
    }
    return true;
  }

  static boolean has(Right right, String driver, Traits traits) {
    return switch (right) {
      case BARE -> traits.bare();
      case EGRESS -> traits.egress();
      case NETWORKED -> traits.networked().contains(driver);
    };
  }

  private static boolean labels(Map<String, String> asked, Map<String, String> has) {
    for (Map.Entry<String, String> label : asked.entrySet()) {
      if (!label.getValue().equals(has.get(label.getKey()))) {
        return false;
      }
    }
    return true;
  }
}
