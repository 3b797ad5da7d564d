package io.atoll.daemon.store;

import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.TaskId;

/// What a transaction rests on; compared with the store when it is written.
public sealed interface Precondition {
  /// The task exists, in this state, and its newest run has this epoch (`Epoch.NONE` = none yet).
  record TaskIs(TaskId id, Epoch epoch, TaskState state) implements Precondition {}

  record TaskAbsent(TaskId id) implements Precondition {}

  /// The store's generation; fails for a hub that lost its store to another.
  record GenerationIs(int generation) implements Precondition {}

  /// The invite exists, was not used and not revoked.
  record InviteOpen(String id) implements Precondition {}
}
