package io.atoll.runtime.output;

import io.atoll.core.term.OutputChunk;
import java.util.List;

/// What one read of a run's output gave.
public sealed interface OutputRead {
  /// At least one piece, in order, the first beginning at the offset asked for.
  record Chunks(List<OutputChunk> chunks) implements OutputRead {}

  /// The bytes from the offset asked for up to `until` are gone: the output is longer than what is
  /// kept.
  record Dropped(long until) implements OutputRead {}

  /// Nothing there yet.
  record Nothing() implements OutputRead {}
}
