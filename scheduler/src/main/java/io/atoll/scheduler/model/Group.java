package io.atoll.scheduler.model;

/// Tasks of one app that belong together.
///
/// @param name unique within the app
public record Group(String name, Layout layout) {
  public enum Layout {
    /// All on one provider: the first goes only where there is room for all that wait.
    TOGETHER,
    /// All in one location.
    ONE_LOCATION,
    /// Each on a provider of its own.
    APART
  }
}
