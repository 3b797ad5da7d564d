package io.atoll.scheduler.model;

/// How far from something a task may be, by measured round trips. What was not measured is far.
///
/// @param what whether `name` is a node (by id or name) or a group of the same app
public record Near(What what, String name, int millis) {
  public enum What {
    NODE,
    /// Every member that has a place.
    GROUP
  }

  public Near {
    if (millis < 0) {
      throw new IllegalArgumentException("a round trip takes 0 ms or more");
    }
  }
}
