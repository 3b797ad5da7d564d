package io.atoll.scheduler.model;

import io.atoll.core.term.Resources;
import java.util.Set;

/// What a task demands of a provider. Tasks with equal demands are interchangeable but for
/// their order, so a demand that fits nowhere is found out once for all of them.
///
/// @param rights what the provider's owner must allow
/// @param prefer which of those that would do
/// @param image digest of what it runs, for `Preference.LOCAL`; empty = nothing to be near to
public record Demand(
    Resources resources,
    String driver,
    Set<Right> rights,
    Where where,
    Preference prefer,
    String image) {
  /// What not every owner allows, or every driver can.
  public enum Right {
    /// To run without a sandbox.
    BARE,
    /// To reach other networks, or be reached.
    EGRESS,
    /// To be in private networks.
    NETWORKED
  }

  /// Which provider is best of those that would do. Ties are decided by the seed.
  public enum Preference {
    /// The one that is left with the least, so that large gaps stay for large tasks (best fit).
    PACK,
    /// The one with the most room.
    SPREAD,
    /// One that has the image; without one, as PACK.
    LOCAL,
    /// The cheapest.
    CHEAP
  }

  public Demand {
    rights = Set.copyOf(rights);
  }

  public static Demand of(Resources resources, String driver) {
    return new Demand(resources, driver, Set.of(), Where.ANY, Preference.PACK, "");
  }

  public Demand resources(Resources now) {
    return new Demand(now, driver, rights, where, prefer, image);
  }

  public Demand driver(String now) {
    return new Demand(resources, now, rights, where, prefer, image);
  }

  public Demand rights(Set<Right> now) {
    return new Demand(resources, driver, now, where, prefer, image);
  }

  public Demand where(Where now) {
    return new Demand(resources, driver, rights, now, prefer, image);
  }

  public Demand prefer(Preference now) {
    return new Demand(resources, driver, rights, where, now, image);
  }

  public Demand image(String now) {
    return new Demand(resources, driver, rights, where, prefer, now);
  }
}
