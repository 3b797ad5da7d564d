package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.atoll.core.term.OutputChunk.Stream;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/// Takes the engine's two-in-one stream apart (Docker Engine API, "Attach to a container", stream
/// format):
///
/// ```
/// +--------+-------+--------+----------------+
/// | stream | zero  | length | length bytes … |
/// |  u8    | 3 B   |  u32   |                |
/// +--------+-------+--------+----------------+
/// ```
///
/// In a log that is asked for with times, each frame is one entry: its time, a space, its bytes.
final class Frames {
  private static final int LONGEST = 16 << 20;
  private static final int LONGEST_TIME = 64;

  private final DataInputStream in;

  Frames(InputStream in) {
    this.in = new DataInputStream(new BufferedInputStream(in, 64 << 10));
  }

  /// @param data at its beginning
  record Frame(Stream stream, ByteBuffer data) {}

  /// The next frame; null at the end of the stream between two frames.
  ///
  /// @throws EOFException if the stream ends within one
  @Nullable Frame next() throws IOException {
    int stream = in.read();
    if (stream < 0) {
      return null;
    }
    in.skipNBytes(3);
    int length = in.readInt();
    // 0 is stdin's number; engines use it for stdout of a stream that is attached to neither.
    if (stream > 2 || length < 0 || length > LONGEST) {
      throw new IOException("the engine's stream has a frame of type " + stream + ", " + length);
    }
    byte[] data = new byte[length];
    in.readFully(data);
    return new Frame(stream == 2 ? Stream.STDERR : Stream.STDOUT, ByteBuffer.wrap(data));
  }

  /// Takes the time from the beginning of a log entry; nanoseconds since 1970.
  static long takeTime(ByteBuffer entry) throws IOException {
    int most = Math.min(entry.remaining(), LONGEST_TIME);
    for (int i = 0; i < most; i++) {
      if (entry.get(entry.position() + i) == ' ') {
        byte[] text = new byte[i];
        entry.get(text).get();
        return parse(new String(text, US_ASCII));
      }
    }
    throw new IOException("the engine's log has an entry without a time");
  }

  private static long parse(String text) throws IOException {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    } catch (DateTimeException e) {
      throw new IOException("the engine's log has an entry of time '" + text + "'", e);
    }
  }
}
