package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;

/// A task that has a place.
///
/// @param began when it would have begun had it never stood still; so the time that it has run,
///     which its limit counts, is the time since then
/// @param at since when it is in this state
/// @param level below which priority it is driven out by nobody: its priority, or for a while
///     after it waited long what it had grown to
/// @param guarded until when `level` is above its priority
public record Held(
    Task task, PeerId provider, State state, long began, long at, int level, long guarded) {
  public enum State {
    RUNNING,
    /// Suspended by the scheduler, with its memory.
    SLEEPING,
    /// Suspended by the scheduler; its memory was given back.
    DEEP,
    /// Suspended by its owner, with its memory: only the owner lets it go on.
    PARKED
  }

  public static Held running(Task task, PeerId provider, long now) {
    return new Held(task, provider, State.RUNNING, now, now, task.priority(), 0);
  }

  /// How long it has run.
  public long ran(long now) {
    return (state == State.RUNNING ? now : at) - began;
  }
}
