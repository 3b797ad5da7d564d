package io.atoll.daemon.store;

import java.util.List;

/// Changes that happen together, if what they rest on still holds.
public record Transaction(List<Precondition> preconditions, List<Change> changes) {
  public Transaction {
    preconditions = List.copyOf(preconditions);
    changes = List.copyOf(changes);
  }
}
