package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import org.jspecify.annotations.Nullable;

/// A change as it stands in the file; exactly one of its fields is there.
record JournalEntry(
    @Nullable RunRecord run,
    @Nullable TaskId drop,
    @Nullable Agreement agreement,
    @Nullable PeerId leave,
    @Nullable NetworkRecord network,
    @Nullable NetworkId apart) {

  static JournalEntry of(JournalChange change) {
    return switch (change) {
      case JournalChange.PutRun put -> new JournalEntry(put.run(), null, null, null, null, null);
      case JournalChange.DropRun drop ->
          new JournalEntry(null, drop.task(), null, null, null, null);
      case JournalChange.PutAgreement put ->
          new JournalEntry(null, null, put.agreement(), null, null, null);
      case JournalChange.DropAgreement drop ->
          new JournalEntry(null, null, null, drop.hub(), null, null);
      case JournalChange.PutNetwork put ->
          new JournalEntry(null, null, null, null, put.network(), null);
      case JournalChange.DropNetwork drop ->
          new JournalEntry(null, null, null, null, null, drop.network());
    };
  }

  /// What it is about; a later entry of the same key replaces it.
  ///
  /// @throws IllegalArgumentException if it is of a kind that this program does not know
  String key() {
    if (run != null) {
      return run.order().run().task().text();
    }
    if (drop != null) {
      return drop.text();
    }
    if (agreement != null) {
      return agreement.hub().text();
    }
    if (leave != null) {
      return leave.text();
    }
    if (network != null) {
      return network.id().text();
    }
    if (apart != null) {
      return apart.text();
    }
    throw new IllegalArgumentException("an entry of an unknown kind");
  }

  /// Whether it ends what its key was about, and leaves nothing.
  boolean ends() {
    return drop != null || leave != null || apart != null;
  }
}
