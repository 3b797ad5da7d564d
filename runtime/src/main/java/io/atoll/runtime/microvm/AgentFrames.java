package io.atoll.runtime.microvm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// Finds the frames in what a guest sends, whatever lies between them. A guest is foreign: it may
/// send anything.
final class AgentFrames {
  private final ReadableByteChannel in;

  /// What was read and not taken, from position to limit.
  private final ByteBuffer bytes =
      ByteBuffer.allocate(4 * (AgentFrame.HEAD + AgentFrame.LONGEST_BODY)).limit(0);

  AgentFrames(ReadableByteChannel in) {
    this.in = in;
  }

  /// The next frame; its body is valid until the next call. Null at the end of the line.
  @Nullable AgentFrame next() throws IOException {
    while (true) {
      AgentFrame frame = take();
      if (frame != null) {
        return frame;
      }
      bytes.compact();
      int n = in.read(bytes);
      bytes.flip();
      if (n < 0) {
        return null;
      }
    }
  }

  private @Nullable AgentFrame take() {
    for (; bytes.remaining() >= AgentFrame.HEAD; bytes.get()) {
      int at = bytes.position();
      int length = bytes.getShort(at + 6) & 0xffff;
      if (bytes.getInt(at) != AgentFrame.MAGIC
          || bytes.get(at + 4) != AgentFrame.VERSION
          || length > AgentFrame.LONGEST_BODY) {
        continue;
      }
      if (bytes.remaining() < AgentFrame.HEAD + length) {
        return null;
      }
      if (AgentFrame.checksum(bytes, at, length) == bytes.getInt(at + 8)) {
        bytes.position(at + AgentFrame.HEAD + length);
        return new AgentFrame(bytes.get(at + 5) & 0xff, bytes.slice(at + AgentFrame.HEAD, length));
      }
    }
    return null;
  }
}
