package io.atoll.daemon.hub;

import io.atoll.core.audit.SignedEnd;
import io.atoll.daemon.store.Query.AuditPage;

/// The record of who did what at a hub. What a request changes in the hub's store is told by the
/// hub itself, in the same commit; this is for what is refused, or happens elsewhere.
public interface AuditDesk {
  /// Entries after a number, in order.
  AuditPage read(long after, int limit);

  /// The hub's word of where the record ends now.
  SignedEnd end();

  /// Appends an entry about the current `Caller`; it is on disk when this returns. On a disk that
  /// is full it is in the log alone: what room is left is for tasks that end.
  ///
  /// @param outcome `OK`, or `BEGUN` where that is not known yet
  void tell(String action, String object, String outcome) throws InterruptedException;

  /// Appends an entry about the current `Caller`, at once or within a minute with others of its
  /// kind: for what anybody can make happen often.
  ///
  /// @param outcome `BEGUN`, or the code of a refusal
  void tellOften(String action, String object, String outcome) throws InterruptedException;
}
