package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import java.util.Set;

/// A provider, as the scheduler is told of it. What tasks of this hub hold of it is not said
/// here: the scheduler counts that itself.
///
/// @param total what it shares in all
/// @param foreign what others than this hub's tasks hold of it
/// @param price of one core for one hour, in the smallest unit there is
/// @param images digests of images that it has already
public record Provider(
    PeerId id,
    String name,
    Standing standing,
    Resources total,
    Resources foreign,
    Traits traits,
    long price,
    Set<String> images) {
  public Provider {
    images = Set.copyOf(images);
    if (price < 0) {
      throw new IllegalArgumentException("a price is never negative");
    }
  }

  /// One that is ready, free of charge and has no images.
  public static Provider of(PeerId id, String name, Resources total, Traits traits) {
    return new Provider(id, name, Standing.READY, total, Resources.NONE, traits, 0, Set.of());
  }

  public Provider standing(Standing now) {
    return new Provider(id, name, now, total, foreign, traits, price, images);
  }

  public Provider price(long now) {
    return new Provider(id, name, standing, total, foreign, traits, now, images);
  }

  public Provider foreign(Resources now) {
    return new Provider(id, name, standing, total, now, traits, price, images);
  }

  public Provider images(Set<String> now) {
    return new Provider(id, name, standing, total, foreign, traits, price, now);
  }

  /// Whether this is the node that somebody means by an id or a name.
  public boolean isCalled(String idOrName) {
    return id.text().equals(idOrName) || name.equals(idOrName);
  }
}
