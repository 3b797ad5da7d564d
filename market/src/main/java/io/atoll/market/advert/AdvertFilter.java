package io.atoll.market.advert;

import io.atoll.core.term.Resources;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a provider should have.
///
/// @param least what should be free
/// @param drivers that it should offer, all of them
/// @param os and
/// @param arch null = any
/// @param labels that it should have
public record AdvertFilter(
    Resources least,
    List<String> drivers,
    @Nullable String os,
    @Nullable String arch,
    Map<String, String> labels) {
  public static final AdvertFilter ANY =
      new AdvertFilter(Resources.NONE, List.of(), null, null, Map.of());

  public AdvertFilter {
    drivers = List.copyOf(drivers);
    labels = Map.copyOf(labels);
  }

  /// Any provider that has so much free.
  public static AdvertFilter of(Resources least) {
    return new AdvertFilter(least, List.of(), null, null, Map.of());
  }

  public AdvertFilter withDriver(String driver) {
    return new AdvertFilter(least, List.of(driver), os, arch, labels);
  }

  public boolean passes(AdvertData.OfProvider offer) {
    return least.fitsIn(offer.free())
        && offer.drivers().containsAll(drivers)
        && (os == null || os.equals(offer.os()))
        && (arch == null || arch.equals(offer.arch()))
        && offer.labels().entrySet().containsAll(labels.entrySet());
  }
}
