package io.atoll.daemon.journal;

import io.atoll.daemon.store.StoreException;
import java.util.List;

/// A provider's durable memory. `commit` is called by one thread.
public interface Journal extends AutoCloseable {
  /// Everything written so far, folded: the newest record of each run, the agreements that hold.
  Contents load() throws StoreException;

  /// Writes all changes or none; returns once they are on disk.
  void commit(List<JournalChange> changes) throws StoreException;

  @Override
  void close();

  record Contents(List<RunRecord> runs, List<Agreement> agreements, List<NetworkRecord> networks) {
    /// Without networks.
    public Contents(List<RunRecord> runs, List<Agreement> agreements) {
      this(runs, agreements, List.of());
    }
  }
}
