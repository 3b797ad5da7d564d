package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;

/// One change of a provider's memory.
public sealed interface JournalChange {
  /// Writes the record of a task's newest run, in place of an older one of that task.
  record PutRun(RunRecord run) implements JournalChange {}

  /// Forgets a task; its hub deleted it.
  record DropRun(TaskId task) implements JournalChange {}

  record PutAgreement(Agreement agreement) implements JournalChange {}

  record DropAgreement(PeerId hub) implements JournalChange {}

  /// Writes what is known of a network, in place of what was known before.
  record PutNetwork(NetworkRecord network) implements JournalChange {}

  record DropNetwork(NetworkId network) implements JournalChange {}
}
