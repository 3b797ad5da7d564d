package io.atoll.vpn.gateway;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// When to look after whom. A deadline that moves back leaves its entry, which is asked again when
/// it comes: with each packet a deadline moves, and seldom does it come.
final class Agenda {
  private record Entry(long at, Held held) {}

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at));

  /// Its deadline may have changed.
  void put(Held held) {
    long deadline = held.deadline();
    if (deadline < held.agreed) {
      held.agreed = deadline;
      entries.add(new Entry(deadline, held));
    }
  }

  /// The next whose time has come.
  @Nullable Held due(long now) {
    while (true) {
      Entry first = entries.peek();
      if (first == null || first.at > now) {
        return null;
      }
      entries.remove();
      Held held = first.held;
      if (held.agreed != first.at) {
        continue; // There was an earlier one.
      }
      held.agreed = Long.MAX_VALUE;
      if (held.deadline() <= now) {
        return held;
      }
      put(held);
    }
  }

  /// When to look again.
  long next() {
    Entry first = entries.peek();
    return first == null ? Long.MAX_VALUE : first.at;
  }

  int size() {
    return entries.size();
  }
}
