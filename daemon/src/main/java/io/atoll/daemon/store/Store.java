package io.atoll.daemon.store;

import java.nio.file.Path;
import java.util.List;

/// The hub's durable state. `commit` is called by one thread, the rest by any.
public interface Store extends AutoCloseable {
  /// Writes a group of transactions, each all or nothing, in order; one whose precondition fails
  /// leaves no trace and does not fail its neighbours. Returns once all are on disk, with an
  /// outcome
  /// for each.
  ///
  /// @throws StoreException if nothing of the group is on disk (disk full, I/O error)
  List<Outcome> commit(List<Transaction> group) throws StoreException;

  /// Answers from the last commit, without waiting for a running one.
  <R> R read(Query<R> query) throws StoreException;

  /// Writes a consistent copy to `file` (which must not exist) while the store is in use.
  void backup(Path file) throws StoreException;

  @Override
  void close();
}
