package io.atoll.vpn.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Things by a number that says where they are and that nobody guesses; found without a lock and
/// without making objects.
final class NumberTable<T extends NumberTable.Numbered> {
  interface Numbered {
    int number();
  }

  private static final int PLACE_BITS = 14;
  static final int PLACES = 1 << PLACE_BITS;

  private final AtomicReferenceArray<@Nullable T> places = new AtomicReferenceArray<>(PLACES);
  private final RandomGenerator random;

  // Under the lock of this object.
  private int count;

  NumberTable(RandomGenerator random) {
    this.random = random;
  }

  /// @return null if there is no room
  synchronized @Nullable T add(IntFunction<T> maker) {
    if (count >= PLACES / 2) {
      return null;
    }
    int number = random.nextInt();
    while (places.get(number & PLACES - 1) != null) {
      number = random.nextInt();
    }
    T made = maker.apply(number);
    places.set(number & PLACES - 1, made);
    count++;
    return made;
  }

  @Nullable T get(int number) {
    T there = places.get(number & PLACES - 1);
    return there != null && there.number() == number ? there : null;
  }

  synchronized void remove(T what) {
    int place = what.number() & PLACES - 1;
    if (what.equals(places.get(place))) {
      places.set(place, null);
      count--;
    }
  }

  synchronized int count() {
    return count;
  }

  List<T> all() {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      T there = places.get(i);
      if (there != null) {
        all.add(there);
      }
    }
    return all;
  }
}
