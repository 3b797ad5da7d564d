package io.atoll.daemon.store;

/// What became of one transaction of a group.
public sealed interface Outcome {
  /// It is on disk.
  ///
  /// @param lastSeq sequence number of the newest event ever written, after it
  record Applied(long lastSeq) implements Outcome {}

  /// What it rested on no longer held; nothing of it happened.
  record Conflict(Precondition failed) implements Outcome {}
}
