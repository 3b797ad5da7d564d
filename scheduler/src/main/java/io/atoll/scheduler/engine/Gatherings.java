package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Group;
import io.atoll.scheduler.model.Near;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Snapshot.RoundTrip;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Traits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Where members of groups are, and how far nodes are from each other.
final class Gatherings {
  private record Name(String app, String group) {}

  private static final class Members {
    final Map<Slot, Integer> places = new HashMap<>();
    final Amount lack = new Amount();
    final TreeSet<Live> waiting = new TreeSet<>(Live.BY_AGE);

    boolean isEmpty() {
      return places.isEmpty() && waiting.isEmpty();
    }
  }

  private final Map<Name, Members> groups = new HashMap<>();
  private final Map<String, Map<String, Integer>> roundTrips = new HashMap<>();

  /// Ids of nodes by their names.
  private final Map<String, String> ids = new HashMap<>();

  /// Classes of providers, see `Pool`.
  private final List<Traits> traits;

  Gatherings(List<Traits> traits) {
    this.traits = traits;
  }

  void named(Provider provider) {
    ids.put(provider.name(), provider.id().text());
  }

  void unnamed(Provider provider) {
    ids.remove(provider.name(), provider.id().text());
  }

  void roundTrip(String one, String other, int millis) {
    roundTrips.computeIfAbsent(one, a -> new HashMap<>()).put(other, millis);
    roundTrips.computeIfAbsent(other, a -> new HashMap<>()).put(one, millis);
  }

  List<RoundTrip> roundTrips() {
    List<RoundTrip> all = new ArrayList<>();
    roundTrips.forEach(
        (one, others) ->
            others.forEach(
                (other, millis) -> {
                  if (one.compareTo(other) <= 0) {
                    all.add(new RoundTrip(new PeerId(one), new PeerId(other), millis));
                  }
                }));
    return all;
  }

  /// A member waits.
  void waits(Live live) {
    Group group = live.task.group();
    if (group != null) {
      Members members =
          groups.computeIfAbsent(new Name(live.task.app(), group.name()), n -> new Members());
      members.waiting.add(live);
      members.lack.add(live.task.demand().resources(), 1);
    }
  }

  /// It waits no longer.
  void waitsNot(Live live) {
    Members members = of(live.task);
    if (members != null && members.waiting.remove(live)) {
      members.lack.add(live.task.demand().resources(), -1);
      tidy(live.task, members);
    }
  }

  /// A member has a place, or (-1) has it no longer.
  void placed(Task task, Slot slot, int times) {
    Group group = task.group();
    if (group != null) {
      Members members =
          groups.computeIfAbsent(new Name(task.app(), group.name()), n -> new Members());
      if (members.places.merge(slot, times, Integer::sum) == 0) {
        members.places.remove(slot);
      }
      tidy(task, members);
    }
  }

  private void tidy(Task task, Members members) {
    Group group = task.group();
    if (group != null && members.isEmpty()) {
      groups.remove(new Name(task.app(), group.name()));
    }
  }

  private @Nullable Members of(Task task) {
    Group group = task.group();
    return group == null ? null : groups.get(new Name(task.app(), group.name()));
  }

  /// Who of the task's group waits, the oldest first.
  List<Live> companions(Task task) {
    Members members = of(task);
    return members == null ? List.of() : List.copyOf(members.waiting);
  }

  /// What must be free for the task to be placed: with the first of those that go together,
  /// room for all that wait.
  Resources needs(Task task) {
    Group group = task.group();
    if (group == null || group.layout() != Group.Layout.TOGETHER) {
      return task.demand().resources();
    }
    Members members = of(task);
    return members == null || !members.places.isEmpty() || members.waiting.isEmpty()
        ? task.demand().resources()
        : members.lack.resources();
  }

  /// Whether the task's group and what it must be near to allow the slot.
  boolean allow(Task task, Slot slot) {
    return groupAllows(task, slot) && farthest(task, slot) == null;
  }

  boolean groupAllows(Task task, Slot slot) {
    Group group = task.group();
    if (group == null) {
      return true;
    }
    Members members = of(task);
    if (members == null) {
      return true;
    }
    if (members.places.isEmpty()) {
      return group.layout() != Group.Layout.TOGETHER
          || members.waiting.stream()
              .filter(live -> !live.task.id().equals(task.id()))
              .allMatch(live -> live.demand.suits(slot, traits));
    }
    return switch (group.layout()) {
      case TOGETHER -> members.places.containsKey(slot);
      case APART -> !members.places.containsKey(slot);
      case ONE_LOCATION -> {
        String location = slot.provider.traits().location();
        yield members.places.keySet().stream()
            .allMatch(place -> place.provider.traits().location().equals(location));
      }
    };
  }

  /// The first thing that the slot is too far from; null if it is near enough to each.
  @Nullable Near farthest(Task task, Slot slot) {
    for (Near near : task.demand().where().near()) {
      if (millis(task, near, slot) > near.millis()) {
        return near;
      }
    }
    return null;
  }

  /// How far a slot is; more than any limit if that was not measured.
  long millis(Task task, Near near, Slot slot) {
    String id = slot.provider.id().text();
    return switch (near.what()) {
      case NODE -> millis(id, ids.getOrDefault(near.name(), near.name()));
      case GROUP -> {
        Members members = groups.get(new Name(task.app(), near.name()));
        long most = 0;
        if (members != null) {
          for (Slot place : members.places.keySet()) {
            most = Math.max(most, millis(id, place.provider.id().text()));
          }
        }
        yield most;
      }
    };
  }

  private long millis(String one, String other) {
    if (one.equals(other)) {
      return 0;
    }
    Integer known = roundTrips.getOrDefault(one, Map.of()).get(other);
    return known == null ? Long.MAX_VALUE : known;
  }
}
