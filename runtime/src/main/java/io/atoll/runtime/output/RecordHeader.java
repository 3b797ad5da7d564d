package io.atoll.runtime.output;

import io.atoll.core.term.OutputChunk.Stream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The 24 bytes before each piece of output; drawn in the package's doc.
///
/// @param offset of the first payload byte
/// @param time nanoseconds since 1970
/// @param length payload bytes that follow
record RecordHeader(long offset, long time, Stream stream, int length) {
  static final int SIZE = 24;
  static final int MAX_LENGTH = 65_536;

  /// Offset of the first byte behind this record.
  long end() {
    return offset + length;
  }

  void put(ByteBuffer into) {
    into.putLong(offset).putLong(time);
    into.putInt((stream == Stream.STDOUT ? 1 : 2) << 24).putInt(length);
  }

  /// Reads the 24 bytes at `at`; null if no writer writes such a header.
  static @Nullable RecordHeader get(ByteBuffer from, int at) {
    long offset = from.getLong(at);
    long time = from.getLong(at + 8);
    int stream = from.getInt(at + 16);
    int length = from.getInt(at + 20);
    if (offset < 0
        || (stream != 1 << 24 && stream != 2 << 24)
        || length < 1
        || length > MAX_LENGTH
        || offset + length < 0) {
      return null;
    }
    return new RecordHeader(
        offset, time, stream == 1 << 24 ? Stream.STDOUT : Stream.STDERR, length);
  }
}
