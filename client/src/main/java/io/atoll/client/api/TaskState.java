package io.atoll.client.api;

/// Where a task stands.
///
/// ```
/// QUEUED → STARTING → RUNNING ⇄ SUSPENDED
///    ↑________│__________│___________│        (a run ended and another is due)
///             └──────────┴───→ SUCCEEDED | FAILED | STOPPED
/// ```
public enum TaskState {
  QUEUED,
  STARTING,
  RUNNING,
  SUSPENDED,
  STOPPING,
  SUCCEEDED,
  FAILED,
  STOPPED;

  public boolean ended() {
    return this == SUCCEEDED || this == FAILED || this == STOPPED;
  }
}
