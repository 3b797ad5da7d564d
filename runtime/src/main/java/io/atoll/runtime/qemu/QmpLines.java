package io.atoll.runtime.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts a stream into lines, none longer than a limit.
final class QmpLines {
  /// The longest answers (query-qmp-schema) take some 200 KiB.
  static final int LONGEST = 4 << 20;

  private final ReadableByteChannel in;
  private byte[] line = new byte[4096];
  private int length;
  private final ByteBuffer piece = ByteBuffer.allocate(16 << 10).limit(0);

  QmpLines(ReadableByteChannel in) {
    this.in = in;
  }

  /// The next line that is not empty, without its end; null at the end of the stream.
  ///
  /// @throws IOException if it is too long, or reading fails
  byte @Nullable [] next() throws IOException {
    while (true) {
      while (piece.hasRemaining()) {
        byte b = piece.get();
        if (b == '\n') {
          int size = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
          length = 0;
          if (size > 0) {
            return Arrays.copyOf(line, size);
          }
        } else {
          if (length == LONGEST) {
            throw new IOException("QEMU sent a line of more than " + LONGEST + " bytes");
          }
          if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST, length * 2));
          }
          line[length++] = b;
        }
      }
      piece.clear();
      int n = in.read(piece);
      piece.flip();
      if (n < 0) {
        return null; // half a line is none
      }
    }
  }
}
