package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.RunReport;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A task that has not ended, in the machine's memory: its row, taken apart so that it can change.
final class LiveTask {
  final TaskId id;
  final TaskSpec spec;
  final Authority authority;
  final Instant createdAt;
  TaskState state;
  Desired desired;

  /// Suspended, it should give its memory back; only with SUSPEND.
  boolean deep;

  Epoch epoch;
  TaskRow.Attempts attempts;
  String detail;
  @Nullable Instant notBefore;
  @Nullable Instant startedAt;
  @Nullable Instant endedAt;
  @Nullable Exit exit;

  /// The run of `epoch`: open, or closed while the task waits for its next one.
  @Nullable RunRow run;

  /// Not placed again before every provider has said what it knows of it: the store is a backup.
  boolean held;

  /// The end of its run, told while it was held; counts once it no longer is.
  @Nullable HeldExit heldExit;

  /// Nodes where it failed to start lately.
  Set<PeerId> avoid = Set.of();

  /// When it is due for the queue again (monotonic); 0 = it is not waiting for that.
  long due;

  record HeldExit(PeerId node, RunReport report) {}

  LiveTask(TaskRow row) {
    this.id = row.id();
    this.spec = row.spec();
    this.authority = row.authority();
    this.createdAt = row.createdAt();
    this.state = row.state();
    this.desired = row.desired();
    this.epoch = row.epoch();
    this.attempts = row.attempts();
    this.detail = row.detail();
    this.notBefore = row.notBefore();
    this.startedAt = row.startedAt();
    this.endedAt = row.endedAt();
    this.exit = row.exit();
    this.deep = row.deep();
  }

  TaskRow row() {
    return new TaskRow(
        id,
        spec,
        state,
        desired,
        epoch,
        attempts,
        authority,
        detail,
        createdAt,
        notBefore,
        startedAt,
        endedAt,
        exit,
        deep && desired == Desired.SUSPEND);
  }

  /// Its open run; null if it has none.
  @Nullable RunRow openRun() {
    RunRow newest = run;
    return newest == null || newest.ended() ? null : newest;
  }

  /// What people call it.
  String label() {
    String name = spec.name();
    return name == null ? id.text() : name;
  }
}
