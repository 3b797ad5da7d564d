package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.Allowance;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Who meets whom at a relay. Its lock guards who has which seat; packets find theirs without it.
/// Times are nanoseconds of a clock that only grows.
final class RelayBook {
  private record Pair(PeerId client, PeerId other) {}

  private final RelayLimits limits;
  private final RandomGenerator random;
  private final NumberTable<Seat> seats;
  private final Allowance all;

  // Under the lock of this object.
  private final Map<Pair, Seat> byPair = new HashMap<>();
  private final Map<PeerId, Allowance> allowances = new HashMap<>();
  private final Map<PeerId, Integer> counts = new HashMap<>();

  /// @param random that nobody can guess
  RelayBook(RelayLimits limits, RandomGenerator random) {
    this.limits = limits;
    this.random = random;
    this.seats = new NumberTable<>(random);
    this.all = new Allowance(limits.allBytesPerSecond(), limits.allBytesPerSecond() / 2);
  }

  /// The seat of a client beside another, the one it has or a new one.
  ///
  /// @param tag what is written before packets to the client
  /// @return null if there is no room for it
  synchronized @Nullable Seat take(PeerId client, PeerId other, int tag, long now) {
    Pair pair = new Pair(client, other);
    byte[] key = new byte[RelayFrame.KEY];
    random.nextBytes(key);
    Seat there = byPair.get(pair);
    if (there != null) {
      there.renew(tag, key, now);
      return there;
    }
    int had = counts.getOrDefault(client, 0);
    if (byPair.size() >= limits.seats() || had >= limits.seatsOfOne()) {
      return null;
    }
    long rate = limits.bytesPerSecond();
    Allowance allowance =
        allowances.computeIfAbsent(client, _ -> new Allowance(rate, Math.max(rate / 2, 1 << 17)));
    Seat seat = seats.add(number -> new Seat(number, client, other, tag, key, allowance, now));
    if (seat == null) {
      return null;
    }
    byPair.put(pair, seat);
    counts.merge(client, 1, Integer::sum);
    Seat partner = byPair.get(new Pair(other, client));
    if (partner != null) {
      seat.partner(partner);
      partner.partner(seat);
    }
    return seat;
  }

  synchronized void leave(PeerId client, PeerId other) {
    Seat seat = byPair.get(new Pair(client, other));
    if (seat != null) {
      drop(seat);
    }
  }

  private void drop(Seat seat) {
    byPair.remove(new Pair(seat.client, seat.other));
    seats.remove(seat);
    Seat partner = seat.partner();
    if (partner != null) {
      partner.partner(null);
    }
    if (counts.merge(seat.client, -1, Integer::sum) == 0) {
      counts.remove(seat.client);
      allowances.remove(seat.client);
    }
  }

  /// Gives up what has not been bound for a while.
  synchronized void sweep(long now) {
    for (Seat seat : List.copyOf(byPair.values())) {
      if (now - seat.boundAt() > limits.unbound().toNanos()) {
        drop(seat);
      }
    }
  }

  @Nullable Seat seat(int number) {
    return seats.get(number);
  }

  /// Whether so many bytes of a client may pass now.
  boolean allows(Seat seat, long bytes, long now) {
    return seat.allowance.take(now, bytes) && all.take(now, bytes);
  }

  synchronized int count() {
    return byPair.size();
  }
}
