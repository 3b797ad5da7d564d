package io.atoll.daemon.store.sqlite;

import io.atoll.daemon.store.CommitPoint;
import java.time.InstantSource;
import java.util.function.Consumer;

/// What a test may want otherwise.
///
/// @param clock tells what has expired
/// @param eventBound how many events are kept
/// @param at called at each point of each commit, on the committing thread
public record StoreOptions(InstantSource clock, int eventBound, Consumer<CommitPoint> at) {
  public static final StoreOptions DEFAULT =
      new StoreOptions(InstantSource.system(), 200_000, CommitPoint.NONE);

  public StoreOptions {
    if (eventBound < 1) {
      throw new IllegalArgumentException("at least one event is kept");
    }
  }

  public StoreOptions withClock(InstantSource other) {
    return new StoreOptions(other, eventBound, at);
  }

  public StoreOptions withEventBound(int bound) {
    return new StoreOptions(clock, bound, at);
  }

  public StoreOptions withCommitPoints(Consumer<CommitPoint> other) {
    return new StoreOptions(clock, eventBound, other);
  }
}
