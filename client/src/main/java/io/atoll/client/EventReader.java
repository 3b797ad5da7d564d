package io.atoll.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads server-sent events (WHATWG HTML, section 9.2) from a stream. Comments are skipped; an id
/// without data moves the cursor and is no event.
final class EventReader {
  private static final int LONGEST_LINE = 16 << 20;

  /// @param data UTF-8
  record Event(String name, byte[] data) {}

  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 12);
  private @Nullable String lastId;

  EventReader(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  /// The newest id seen; null before the first.
  @Nullable String lastId() {
    return lastId;
  }

  /// The next event; null where the stream ended.
  @Nullable Event next() throws IOException {
    String name = "message";
    byte[] data = null;
    while (readLine()) {
      if (line.size() == 0) {
        if (data != null) {
          return new Event(name, data);
        }
        name = "message";
        continue;
      }
      byte[] bytes = line.toByteArray();
      if (starts(bytes, "data:")) {
        byte[] value = value(bytes, 5);
        data = data == null ? value : joined(data, value);
      } else if (starts(bytes, "event:")) {
        name = new String(value(bytes, 6), StandardCharsets.UTF_8);
      } else if (starts(bytes, "id:")) {
        lastId = new String(value(bytes, 3), StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  /// Reads up to the line's end; false where the stream ended before it.
  private boolean readLine() throws IOException {
    line.reset();
    while (true) {
      int b = in.read();
      if (b < 0) {
        return false;
      }
      if (b == '\n') {
        return true;
      }
      if (b != '\r') {
        line.write(b);
        if (line.size() > LONGEST_LINE) {
          throw new EOFException("an event line of more than 16 MiB");
        }
      }
    }
  }

  private static boolean starts(byte[] bytes, String prefix) {
    if (bytes.length < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (bytes[i] != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] value(byte[] line, int from) {
    int begin = from < line.length && line[from] == ' ' ? from + 1 : from;
    return Arrays.copyOfRange(line, begin, line.length);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + 1 + b.length);
    both[a.length] = '\n';
    System.arraycopy(b, 0, both, a.length + 1, b.length);
    return both;
  }
}
