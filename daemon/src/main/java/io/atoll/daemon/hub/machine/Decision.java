package io.atoll.daemon.hub.machine;

import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Precondition;
import java.util.List;

/// What a step came to: written as one transaction, then done.
public record Decision(
    List<Change> changes, List<Precondition> preconditions, List<HubAction> actions) {
  public Decision {
    changes = List.copyOf(changes);
    preconditions = List.copyOf(preconditions);
    actions = List.copyOf(actions);
  }
}
