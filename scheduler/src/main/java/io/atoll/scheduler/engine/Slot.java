package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A provider in the index, and what is on it.
final class Slot {
  final int index;
  final long number;
  Provider provider;

  /// Which class of traits it is of.
  int traits;

  final Amount free;
  final List<Live> there = new ArrayList<>();

  /// How many of them the scheduler suspended.
  int sleepers;

  /// Who it is kept free for.
  @Nullable Live claim;

  private final Map<Integer, Amount> rooms = new HashMap<>(4);

  Slot(int index, Provider provider) {
    this.index = index;
    this.number = RoomIndex.number(provider.id().text());
    this.provider = provider;
    this.free = new Amount(provider.total());
    free.add(provider.foreign(), -1);
  }

  boolean ready() {
    return provider.standing() == Standing.READY;
  }

  boolean draining() {
    return provider.standing() == Standing.DRAINING;
  }

  void become(Provider now) {
    free.add(provider.total(), -1);
    free.add(provider.foreign(), 1);
    free.add(now.total(), 1);
    free.add(now.foreign(), -1);
    provider = now;
  }

  void add(Live live) {
    there.add(live);
    count(live, 1);
  }

  void remove(Live live) {
    there.remove(live);
    count(live, -1);
  }

  /// A task on it changes its state.
  void turn(Live live, State state) {
    count(live, -1);
    live.state = state;
    count(live, 1);
  }

  private void count(Live live, int times) {
    free.add(live.holds(), -times);
    if (live.sleeps()) {
      sleepers += times;
    }
  }

  /// The lowest level of those that would give way.
  int lowest() {
    int lowest = Integer.MAX_VALUE;
    for (Live live : there) {
      if (live.level < lowest && live.state == State.RUNNING && live.way() != null) {
        lowest = live.level;
      }
    }
    return lowest;
  }

  /// The same as `room`, not to be changed. Asked again and again, until something changes
  /// here.
  Amount roomNow(int priority) {
    Amount known = rooms.get(priority);
    if (known == null) {
      known = room(priority);
      rooms.put(priority, known);
    }
    return known;
  }

  /// What is there, or gives way, changed.
  void changed() {
    rooms.clear();
  }

  /// What is free, and what would be if all that are less urgent gave way.
  Amount room(int priority) {
    Amount room = new Amount(free);
    for (Live live : there) {
      if (live.level < priority) {
        room.add(live.yields(), 1);
      }
    }
    return room;
  }
}
