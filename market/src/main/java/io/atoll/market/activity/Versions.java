package io.atoll.market.activity;

import java.util.OptionalInt;

/// The versions of a protocol that one end understands, all from the oldest to the newest.
public record Versions(int oldest, int newest) {
  public Versions {
    if (oldest < 0 || newest < oldest) {
      throw new IllegalArgumentException("no versions: " + oldest + " to " + newest);
    }
  }

  /// The version that both ends speak: the newest that both understand; empty if there is none.
  public OptionalInt common(Versions other) {
    int newestOfBoth = Math.min(newest, other.newest);
    return newestOfBoth < oldest || newestOfBoth < other.oldest
        ? OptionalInt.empty()
        : OptionalInt.of(newestOfBoth);
  }

  public boolean contains(int version) {
    return oldest <= version && version <= newest;
  }

  @Override
  public String toString() {
    return oldest == newest ? "version " + newest : "versions " + oldest + " to " + newest;
  }
}
