package io.atoll.daemon.sim;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.Journal;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.daemon.journal.NetworkRecord;
import io.atoll.daemon.journal.RunRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A provider's journal in memory, already folded.
public final class SimJournal implements Journal {
  final Map<TaskId, RunRecord> runs = new TreeMap<>();
  final Map<PeerId, Agreement> agreements = new TreeMap<>();
  public final Map<NetworkId, NetworkRecord> networks = new TreeMap<>();

  @Override
  public Contents load() {
    return new Contents(
        List.copyOf(runs.values()),
        List.copyOf(agreements.values()),
        List.copyOf(networks.values()));
  }

  @Override
  public void commit(List<JournalChange> changes) {
    for (JournalChange change : changes) {
      switch (change) {
        case JournalChange.PutRun put -> runs.put(put.run().order().run().task(), put.run());
        case JournalChange.DropRun drop -> runs.remove(drop.task());
        case JournalChange.PutAgreement put ->
            agreements.put(put.agreement().hub(), put.agreement());
        case JournalChange.PutNetwork put -> networks.put(put.network().id(), put.network());
        case JournalChange.DropNetwork drop -> networks.remove(drop.network());
        case JournalChange.DropAgreement drop -> agreements.remove(drop.hub());
      }
    }
  }

  @Override
  public void close() {}
}
