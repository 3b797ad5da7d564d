package io.atoll.daemon.golem;

import io.atoll.core.term.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An activity of an agreement.
///
/// @param task that it became when it was started; null before
/// @param destroyedAt null while nobody asked for its end
record ActivityNote(
    String id,
    String agreement,
    String keyId,
    @Nullable TaskId task,
    Instant createdAt,
    @Nullable Instant destroyedAt) {
  ActivityNote as(TaskId started) {
    return new ActivityNote(id, agreement, keyId, started, createdAt, destroyedAt);
  }

  ActivityNote destroyed(Instant at) {
    return new ActivityNote(id, agreement, keyId, task, createdAt, at);
  }
}
