package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Who reserved a place at this relay, and how many circuits lead where. Pure: who asks says what
/// time it is. Not safe for threads by itself.
final class ReservationBook {
  private record Place(String host, Instant expires) {}

  private final RelayLimits limits;
  private final Map<PeerId, Place> places = new HashMap<>();
  private final Map<PeerId, Integer> circuitsOf = new HashMap<>();
  private int circuits;

  ReservationBook(RelayLimits limits) {
    this.limits = limits;
  }

  /// Keeps a place, or keeps it longer.
  ///
  /// @param host where the peer connects from
  /// @return OK or why not
  Status reserve(PeerId peer, String host, Instant now) {
    places.values().removeIf(place -> !place.expires.isAfter(now));
    long ofHost =
        places.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(peer) && entry.getValue().host.equals(host))
            .count();
    boolean isNew = !places.containsKey(peer);
    if ((isNew && places.size() >= limits.reservations())
        || ofHost >= limits.reservationsPerHost()) {
      return Status.RESERVATION_REFUSED;
    }
    places.put(peer, new Place(host, now.plus(limits.validity())));
    return Status.OK;
  }

  /// When the place of a peer expires, which has one.
  Instant expires(PeerId peer) {
    Place place = places.get(peer);
    return place == null ? Instant.EPOCH : place.expires;
  }

  void drop(PeerId peer) {
    places.remove(peer);
  }

  /// Begins a circuit, which [#end] ends.
  ///
  /// @return OK or why not
  Status begin(PeerId from, PeerId to, Instant now) {
    if (!expires(to).isAfter(now)) {
      return Status.NO_RESERVATION;
    }
    if (circuits >= limits.circuits()
        || circuitsOf.getOrDefault(from, 0) >= limits.circuitsPerPeer()
        || circuitsOf.getOrDefault(to, 0) >= limits.circuitsPerPeer()) {
      return Status.RESOURCE_LIMIT_EXCEEDED;
    }
    circuits++;
    circuitsOf.merge(from, 1, Integer::sum);
    circuitsOf.merge(to, 1, Integer::sum);
    return Status.OK;
  }

  void end(PeerId from, PeerId to) {
    circuits--;
    for (PeerId peer : new PeerId[] {from, to}) {
      circuitsOf.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  int reservations() {
    return places.size();
  }

  int circuits() {
    return circuits;
  }
}
