package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Adjustment;
import io.atoll.scheduler.model.Adjustment.Part;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Why.Kind;
import io.atoll.scheduler.model.Why.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a provider lacks of room for a task.
///
/// @param idle as if it had nothing to do
/// @param names what people call a task
record Shortage(Index index, boolean idle, Function<TaskId, String> names) {
  /// Named at most, of those that are waited for.
  private static final int MOST = 3;

  /// @param alone without its group
  List<Reason> on(Slot slot, Live live, boolean alone) {
    List<Reason> found = new ArrayList<>();
    Live claimant = slot.claim;
    if (!idle && claimant != null && !index.claims.allow(live, slot)) {
      String name = names.apply(claimant.task.id());
      String text = "it is kept free for " + name + ", which waited long";
      found.add(new Reason(Kind.CLAIMED, text, List.of(), "wait for " + name + " to be placed"));
    }
    Resources asked = live.task.demand().resources();
    Resources need = alone ? asked : index.gatherings.needs(live.task);
    Resources total = slot.provider.total();
    Amount room = idle ? new Amount(total) : slot.room(live.task.priority());
    if (!need.fitsIn(total)) {
      String text = has(need, new Amount(total)) + " in all";
      found.add(new Reason(Kind.RESOURCES, text, less(asked, need, room), ""));
    } else if (!room.holds(need)) {
      String wait = waitFor(slot, live, need);
      String text = has(need, room) + " free";
      found.add(new Reason(Kind.BUSY, text, less(asked, need, room), wait));
    }
    return found;
  }

  private static String has(Resources need, Amount room) {
    return "it has "
        + Arrays.stream(Part.values())
            .filter(part -> part.of(need) > room.of(part))
            .map(part -> Words.of(part, room.of(part)))
            .collect(Collectors.joining(" and "));
  }

  /// Nothing where even the least would be too much.
  private static List<Adjustment> less(Resources asked, Resources need, Amount room) {
    List<Adjustment> less = new ArrayList<>();
    for (Part part : Part.values()) {
      long lack = part.of(need) - room.of(part);
      // Without cpu or memory nothing runs.
      long least = part == Part.DISK ? 0 : 1;
      if (lack > 0 && part.of(asked) - lack < least) {
        return new ArrayList<>();
      }
      if (lack > 0) {
        less.add(new Adjustment.Less(part, lack));
      }
    }
    return less;
  }

  /// The fewest whose end would make room, the largest first.
  private String waitFor(Slot slot, Live live, Resources need) {
    Amount room = slot.room(live.task.priority());
    List<Live> largest =
        slot.there.stream()
            .filter(one -> one.state != State.RUNNING || one.level >= live.task.priority())
            .sorted(
                Comparator.comparingDouble((Live one) -> -one.holds().size())
                    .thenComparing(Live.BY_AGE))
            .toList();
    List<String> waited = new ArrayList<>();
    for (Live one : largest) {
      if (room.holds(need)) {
        break;
      }
      room.add(one.holds(), 1);
      waited.add(names.apply(one.task.id()));
    }
    if (waited.isEmpty() || !room.holds(need)) {
      return "wait for room on " + slot.provider.name();
    }
    return waited.size() > MOST
        ? "wait for " + waited.size() + " tasks on " + slot.provider.name() + " to finish"
        : "wait for " + String.join(" and ", waited) + " to finish";
  }
}
