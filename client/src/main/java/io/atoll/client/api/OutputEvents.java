package io.atoll.client.api;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The data of the events of a log stream, by event name.
public final class OutputEvents {
  private OutputEvents() {}

  /// `run`: whose output follows.
  ///
  /// @param run null if the task ended without being placed
  public record Run(@Nullable Epoch run) {}

  /// `output`: a piece of output.
  public record Output(long offset, OutputChunk.Stream stream, Instant time, byte[] data) {}

  /// `dropped`: bytes that are no longer kept.
  public record Dropped(long from, long until) {}

  /// `end`: the run has ended and everything was sent.
  public record End(long offset) {}
}
