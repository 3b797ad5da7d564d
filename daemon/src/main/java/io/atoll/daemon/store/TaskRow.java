package io.atoll.daemon.store;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A task in the store.
///
/// @param desired what its owner wants
/// @param epoch of its newest run; `Epoch.NONE` before the first
/// @param attempts failed runs, by whose fault
/// @param notBefore it is not placed again before this moment (back-off after a failure); null = at
/// once
/// @param startedAt when its newest run's payload began
/// @param exit of its last ended run
/// @param deep its owner wants it to give its memory back while it is suspended
public record TaskRow(
    TaskId id,
    TaskSpec spec,
    TaskState state,
    Desired desired,
    Epoch epoch,
    Attempts attempts,
    Authority authority,
    String detail,
    Instant createdAt,
    @Nullable Instant notBefore,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Exit exit,
    boolean deep) {

  public TaskRow(
      TaskId id,
      TaskSpec spec,
      TaskState state,
      Desired desired,
      Epoch epoch,
      Attempts attempts,
      Authority authority,
      String detail,
      Instant createdAt,
      @Nullable Instant notBefore,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable Exit exit) {
    this(
        id, spec, state, desired, epoch, attempts, authority, detail, createdAt, notBefore,
        startedAt, endedAt, exit, false);
  }

  /// Runs that ended without success, by cause.
  public record Attempts(int taskFailed, int launchFailed, int nodeLost) {
    public static final Attempts NONE = new Attempts(0, 0, 0);
  }
}
