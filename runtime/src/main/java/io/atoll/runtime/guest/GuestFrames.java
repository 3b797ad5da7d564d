package io.atoll.runtime.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// Finds the frames in what a guest sends, whatever lies between them. A guest is foreign: it may
/// send anything.
public final class GuestFrames {
  private final ReadableByteChannel in;

  /// What was read and not taken, from position to limit.
  private final ByteBuffer bytes =
      ByteBuffer.allocate(4 * (GuestFrame.HEAD + GuestFrame.LONGEST_BODY)).limit(0);

  public GuestFrames(ReadableByteChannel in) {
    this.in = in;
  }

  /// The next frame; its body is valid until the next call. Null at the end of the line.
  public @Nullable GuestFrame next() throws IOException {
    while (true) {
      GuestFrame frame = take();
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

  private @Nullable GuestFrame take() {
    for (; bytes.remaining() >= GuestFrame.HEAD; bytes.get()) {
      int at = bytes.position();
      int length = bytes.getShort(at + 6) & 0xffff;
      if (bytes.getInt(at) != GuestFrame.MAGIC
          || bytes.get(at + 4) != GuestFrame.VERSION
          || length > GuestFrame.LONGEST_BODY) {
        continue;
      }
      if (bytes.remaining() < GuestFrame.HEAD + length) {
        return null;
      }
      if (GuestFrame.checksum(bytes, at, length) == bytes.getInt(at + 8)) {
        bytes.position(at + GuestFrame.HEAD + length);
        return new GuestFrame(bytes.get(at + 5) & 0xff, bytes.slice(at + GuestFrame.HEAD, length));
      }
    }
    return null;
  }
}
