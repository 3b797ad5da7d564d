package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Adjustment.Part;
import io.atoll.scheduler.model.Decision.Wait;
import io.atoll.scheduler.model.Held.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/// How long a task will wait: until enough of what runs on some provider has ended, and what is
/// before it in the lines had its turn. As good as what is known of how long tasks run; nothing
/// is said where nothing is known.
final class Estimates {
  private record End(long millis, Amount frees) {}

  private Estimates() {}

  static Wait of(Index index, Placer placer, Live live, long now) {
    long ahead = ahead(index, live);
    Resources need =
        live.slot == null ? index.gatherings.needs(live.task) : live.lacks().resources();
    long soonest = Long.MAX_VALUE;
    long copies = 0;
    int looked = 0;
    for (Slot slot : index.pool.all()) {
      boolean its = live.slot == null ? placer.suits(live, slot) : slot == live.slot;
      if (!its) {
        continue;
      }
      looked++;
      if (looked > index.policy.candidates()) {
        break;
      }
      soonest = Math.min(soonest, until(index, slot, need, live.task.priority(), now));
      copies += copies(slot.provider.total(), need);
    }
    if (soonest == Long.MAX_VALUE) {
      return new Wait(live.task.id(), OptionalLong.empty(), ahead);
    }
    long turns = copies == 0 ? 0 : ahead / copies;
    return new Wait(
        live.task.id(), OptionalLong.of(soonest + turns * index.lengths.of(live.task)), ahead);
  }

  /// When the slot will have enough, were nothing else placed there.
  private static long until(Index index, Slot slot, Resources need, int priority, long now) {
    Amount room = slot.room(priority);
    List<End> ends = new ArrayList<>();
    for (Live live : slot.there) {
      long length = index.lengths.of(live.task);
      if (live.state == State.RUNNING && live.level >= priority && length > 0) {
        long left = Math.max(0, length - (now - live.began));
        ends.add(new End(left, Amount.held(live.task, live.state)));
      }
    }
    ends.sort(Comparator.comparingLong(End::millis));
    long at = 0;
    for (End end : ends) {
      if (room.holds(need)) {
        return at;
      }
      room.add(end.frees, 1);
      at = end.millis;
    }
    return room.holds(need) ? at : Long.MAX_VALUE;
  }

  /// How many of its kind fit in at once.
  private static long copies(Resources total, Resources need) {
    long copies = 1_000;
    for (Part part : Part.values()) {
      if (part.of(need) > 0) {
        copies = Math.min(copies, part.of(total) / part.of(need));
      }
    }
    return copies;
  }

  /// Tasks in queues that are served before, and those before it in its own line.
  private static long ahead(Index index, Live live) {
    long step = Turn.stepOf(index, live.task.since(), live.task.priority());
    long ahead = 0;
    for (Queue queue : index.waiting.queues(true)) {
      int priority = queue.key.priority();
      long theirs = Turn.stepOf(index, queue.since(), priority);
      boolean own = queue.key.app().equals(live.task.app()) && priority == live.task.priority();
      boolean before = theirs < step || (theirs == step && priority > live.task.priority());
      if (own) {
        for (Line line : queue.all) {
          ahead += line.waiting.headSet(live).size();
        }
      } else if (before) {
        ahead += queue.all.stream().mapToLong(line -> line.waiting.size()).sum();
      }
    }
    return ahead;
  }
}
