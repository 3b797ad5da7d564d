package io.atoll.daemon.store;

import java.util.function.Consumer;

/// Moments of a commit at which a crash test stops the process.
public enum CommitPoint {
  /// Nothing of the group is written yet.
  BEFORE,
  /// Everything is written, and it is not durable.
  WRITTEN,
  /// The group is durable; nobody was told.
  DURABLE;

  /// What runs in production.
  public static final Consumer<CommitPoint> NONE = _ -> {};
}
