package io.atoll.core.term;

import java.time.Instant;

/// A piece of what a payload wrote.
///
/// @param offset of its first byte among all bytes that the payload wrote to stdout and stderr, in
///     the order they were taken
/// @param stream which of the two
/// @param time when it was taken, by the provider's clock
/// @param data at least one byte; not copied, not to be changed
public record OutputChunk(long offset, Stream stream, Instant time, byte[] data) {
  public enum Stream {
    STDOUT,
    STDERR
  }

  /// Offset of the first byte behind this piece.
  public long end() {
    return offset + data.length;
  }
}
