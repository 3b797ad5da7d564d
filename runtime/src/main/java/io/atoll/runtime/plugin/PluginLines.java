package io.atoll.runtime.plugin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// Lines of a runtime, none longer than a limit.
final class PluginLines {
  static final int LONGEST = 1 << 20;

  private final ReadableByteChannel in;
  private final ByteBuffer piece = ByteBuffer.allocate(16 << 10).limit(0);

  PluginLines(ReadableByteChannel in) {
    this.in = in;
  }

  /// The next line, without its end; null at the end of the stream, where half a line is none.
  ///
  /// @throws IOException if it is too long, or reading fails
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int from = piece.position();
      int at = from;
      while (at < piece.limit() && piece.get(at) != '\n') {
        at++;
      }
      if (line.size() + at - from > LONGEST) {
        throw new IOException("a line of more than " + LONGEST + " bytes");
      }
      line.write(piece.array(), from, at - from);
      if (at < piece.limit()) {
        piece.position(at + 1);
        return line.toByteArray();
      }
      piece.clear();
      int n = in.read(piece);
      piece.flip();
      if (n < 0) {
        return null;
      }
    }
  }
}
