package io.atoll.vpn.gateway;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// When to look after whom, once each. A deadline that moves back leaves its entry, which is asked
/// again when it comes: with each packet a deadline moves, and seldom does it come.
final class Agenda {
  private final TreeSet<Held> entries =
      new TreeSet<>(
          Comparator.<Held>comparingLong(held -> held.agreed).thenComparingLong(held -> held.id));

  /// Its deadline may have changed.
  void put(Held held) {
    long deadline = held.deadline();
    if (deadline < held.agreed) {
      entries.remove(held); // Its place is by what was agreed, which changes only while it is out.
      held.agreed = deadline;
      entries.add(held);
    }
  }

  /// The next whose time has come.
  @Nullable Held due(long now) {
    while (!entries.isEmpty() && entries.first().agreed <= now) {
      Held held = entries.removeFirst();
      held.agreed = Long.MAX_VALUE;
      if (held.deadline() <= now) {
        return held;
      }
      put(held);
    }
    return null;
  }

  /// When to look again.
  long next() {
    return entries.isEmpty() ? Long.MAX_VALUE : entries.first().agreed;
  }

  int size() {
    return entries.size();
  }
}
