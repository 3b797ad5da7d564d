package io.atoll.market.activity;

/// What is true of a run, as its provider saw it last.
///
/// ```
/// ACCEPTED → STARTING → RUNNING ⇄ SUSPENDED → EXITED
///     └──────────┴──────────────────────────────↗
/// ```
public enum RunState {
  /// Resources are reserved and the intent is journalled.
  ACCEPTED,
  /// Image, sandbox and limits are being made.
  STARTING,
  RUNNING,
  SUSPENDED,
  /// It has ended; its exit is known and on disk.
  EXITED;

  public boolean ended() {
    return this == EXITED;
  }
}
