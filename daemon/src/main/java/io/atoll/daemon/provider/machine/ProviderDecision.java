package io.atoll.daemon.provider.machine;

import io.atoll.daemon.journal.JournalChange;
import java.util.List;

/// What a step came to: journalled, then done.
public record ProviderDecision(List<JournalChange> changes, List<ProviderAction> actions) {
  public ProviderDecision {
    changes = List.copyOf(changes);
    actions = List.copyOf(actions);
  }
}
