package io.atoll.market.advert;

import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The advertisements that a node has heard and that are still good: the newest of each peer and
/// kind, a bounded number. Safe for many threads; a search looks at all of it.
public final class AdvertBook {
  private record Of(AdvertKind kind, PeerId peer) {}

  /// Whether an advertisement was taken.
  public enum Taken {
    NEW,
    /// This very one or a newer one is known, or the one before it is only seconds old.
    KNOWN,
    /// It has ended, or is from the future.
    NOT_GOOD
  }

  /// Nobody changes what they offer more often.
  static final Duration LEAST_APART = Duration.ofSeconds(1);

  private final int most;
  private final Map<Of, Advert> adverts = new ConcurrentHashMap<>();

  /// @param most where there are more, those go first that were signed first: a longer life is no
  ///     advantage
  public AdvertBook(int most) {
    this.most = most;
  }

  public synchronized Taken take(Advert advert, Instant now) {
    if (!advert.good(now)) {
      return Taken.NOT_GOOD;
    }
    Of key = new Of(advert.kind(), advert.peer());
    Advert before = adverts.get(key);
    if (before != null && advert.at().isBefore(before.at().plus(LEAST_APART))) {
      return Taken.KNOWN;
    }
    if (before == null && adverts.size() >= most) {
      makeRoom(now);
    }
    adverts.put(key, advert);
    return Taken.NEW;
  }

  /// A tenth goes at once, so that a full book is not looked through for each newcomer.
  private void makeRoom(Instant now) {
    expire(now);
    int surplus = adverts.size() - most + 1;
    if (surplus > 0) {
      adverts.entrySet().stream()
          .sorted(Comparator.comparing(entry -> entry.getValue().at()))
          .limit(Math.max(surplus, most / 10))
          .map(Map.Entry::getKey)
          .toList()
          .forEach(adverts::remove);
    }
  }

  public void expire(Instant now) {
    adverts.values().removeIf(advert -> !advert.good(now));
  }

  public @Nullable Advert of(AdvertKind kind, PeerId peer) {
    return adverts.get(new Of(kind, peer));
  }

  /// Providers that pass, those that advertised last first.
  public List<Advert> providers(AdvertFilter filter, int limit, Instant now) {
    return newest(
        adverts.values().stream()
            .filter(
                advert ->
                    advert.data() instanceof AdvertData.OfProvider offer && filter.passes(offer)),
        limit,
        now);
  }

  /// Hubs, those that advertised last first.
  public List<Advert> hubs(int limit, Instant now) {
    return newest(
        adverts.values().stream().filter(advert -> advert.kind() == AdvertKind.HUB), limit, now);
  }

  /// All, those that advertised last first.
  List<Advert> newest(int limit, Instant now) {
    return newest(adverts.values().stream(), limit, now);
  }

  private static List<Advert> newest(Stream<Advert> adverts, int limit, Instant now) {
    List<Advert> good = new ArrayList<>(adverts.filter(advert -> advert.good(now)).toList());
    good.sort(Comparator.comparing(Advert::at).reversed().thenComparing(Advert::peer));
    return List.copyOf(good.subList(0, Math.min(limit, good.size())));
  }

  public int size() {
    return adverts.size();
  }
}
