package io.atoll.scheduler;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import java.util.List;

/// Which tasks go where, in the order they were chosen. Whoever asked for the plan carries all of
/// it out, or says that the nodes concerned have grown.
///
/// @param more whether the limit was reached and another plan may find more
public record Plan(List<Placement> placements, boolean more) {
  public static final Plan NOTHING = new Plan(List.of(), false);

  public record Placement(TaskId task, PeerId node) {}

  public Plan {
    placements = List.copyOf(placements);
  }
}
