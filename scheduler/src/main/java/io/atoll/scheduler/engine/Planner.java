package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.engine.Placer.Choice;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Refuse;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Task;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A dry run: what would be decided about one task, were it looked at next. Changes nothing.
public final class Planner {
  private Planner() {}

  /// @param task known or not
  public static Decision plan(Cluster cluster, Task task, long now) {
    Index index = cluster.index;
    return index.asked(task, live -> plan(index, live, now));
  }

  private static Decision plan(Index index, Live live, long now) {
    TaskId id = live.task.id();
    Placer placer = new Placer(index, new BitSet());
    Slot slot = live.slot;
    if (slot != null && live.state == State.RUNNING) {
      return new Place(id, slot.provider.id(), List.of());
    }
    Choice choice = slot == null ? placer.choose(live, null) : placer.wake(live, slot);
    if (choice != null) {
      PeerId provider = choice.slot().provider.id();
      return slot == null
          ? new Place(id, provider, victims(choice))
          : new Resume(id, provider, victims(choice));
    }
    if (slot == null && !WhyNot.everFits(index, live)) {
      return new Refuse(id, WhyNot.of(index, live, TaskId::text).summary());
    }
    return Estimates.of(index, placer, live, now);
  }

  private static List<Victim> victims(Choice choice) {
    List<Victim> victims = new ArrayList<>();
    for (Live live : choice.victims()) {
      Way way = live.way();
      if (way != null) {
        victims.add(new Victim(live.task.id(), way));
      }
    }
    return victims;
  }
}
