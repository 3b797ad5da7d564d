package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Snapshot;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Traits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Mistakes that a scheduler may make. The rules of `World` must find each.
enum Bug {
  NONE,
  ONE_VICTIM_MORE,
  ANOTHER_VICTIM,
  FORGETS_VICTIMS,
  DRIVES_NOBODY_OUT,
  DRIVES_EQUALS_OUT,
  STOPS_WHAT_WOULD_SUSPEND,
  FREES_MEMORY_THAT_IS_KEPT,
  RESUMES_NOBODY,
  FIRST_PROVIDER_FOR_ALL,
  PLACES_TWICE,
  ANY_DRIVER,
  NEVER_MORE_THAN_ONE;

  /// What it sees.
  Snapshot seen(Snapshot real) {
    return switch (this) {
      case DRIVES_EQUALS_OUT ->
          with(
              real,
              real.providers(),
              real.held().stream()
                  .map(
                      held ->
                          new Held(
                              held.task(),
                              held.provider(),
                              held.state(),
                              held.began(),
                              held.at(),
                              held.level() - 1,
                              held.guarded()))
                  .toList());
      case FREES_MEMORY_THAT_IS_KEPT ->
          with(
              real,
              real.providers(),
              real.held().stream()
                  .map(
                      held ->
                          new Held(
                              held.task().sleep(Task.Sleep.FREES_MEMORY),
                              held.provider(),
                              held.state(),
                              held.began(),
                              held.at(),
                              held.level(),
                              held.guarded()))
                  .toList());
      case ANY_DRIVER ->
          with(
              real,
              real.providers().stream()
                  .map(
                      provider ->
                          new Provider(
                              provider.id(),
                              provider.name(),
                              provider.standing(),
                              provider.total(),
                              provider.foreign(),
                              Traits.of("amd64", Set.of("process", "docker")),
                              0,
                              Set.of()))
                  .toList(),
              real.held());
      default -> real;
    };
  }

  private static Snapshot with(Snapshot real, List<Provider> providers, List<Held> held) {
    return new Snapshot(
        providers, real.waiting(), held, real.roundTrips(), real.served(), real.claims());
  }

  /// What it makes of what was decided rightly.
  List<Decision> made(List<Decision> decisions, World world) {
    List<Decision> made = new ArrayList<>();
    for (Decision decision : decisions) {
      switch (this) {
        case RESUMES_NOBODY -> {
          if (!(decision instanceof Resume)) {
            made.add(decision);
          }
        }
        case PLACES_TWICE -> {
          made.add(decision);
          if (decision instanceof Place(var task, var provider, var victims) && victims.isEmpty()) {
            made.add(new Place(task, provider, victims));
          }
        }
        case NEVER_MORE_THAN_ONE -> {
          if (made.isEmpty()) {
            made.add(decision);
          }
        }
        default -> {
          if (decision instanceof Place place) {
            made.addAll(changed(place, world));
          } else {
            made.add(decision);
          }
        }
      }
    }
    return made;
  }

  private List<Decision> changed(Place place, World world) {
    boolean some = !place.victims().isEmpty();
    return switch (this) {
      case FORGETS_VICTIMS -> List.of(new Place(place.task(), place.provider(), List.of()));
      case DRIVES_NOBODY_OUT -> some ? List.of() : List.of(place);
      case FIRST_PROVIDER_FOR_ALL ->
          List.of(
              some
                  ? place
                  : new Place(place.task(), world.providers.keySet().iterator().next(), List.of()));
      case STOPS_WHAT_WOULD_SUSPEND ->
          List.of(
              new Place(
                  place.task(),
                  place.provider(),
                  place.victims().stream()
                      .map(victim -> new Victim(victim.task(), Way.STOP_AND_REQUEUE))
                      .toList()));
      case ONE_VICTIM_MORE, ANOTHER_VICTIM -> {
        List<Victim> victims = new ArrayList<>(place.victims());
        List<World.One> others =
            world.lower(place.provider(), 101).stream()
                .filter(one -> victims.stream().noneMatch(v -> v.task().equals(one.task.id())))
                .sorted(Comparator.comparingLong((World.One one) -> one.began))
                .toList();
        if (some && !others.isEmpty()) {
          if (this == ANOTHER_VICTIM) {
            victims.removeFirst();
          }
          World.One first = others.getFirst();
          victims.add(new Victim(first.task.id(), world.way(first)));
        }
        yield List.of(new Place(place.task(), place.provider(), victims));
      }
      default -> List.of(place);
    };
  }
}
