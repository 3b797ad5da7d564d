package io.atoll.core.multiformat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// Unsigned variable-length integers of the multiformats: seven bits a byte, least significant
/// first, minimal, at most nine bytes (63 bits).
public final class Uvarint {
  private static final int MAX_BYTES = 9;

  private Uvarint() {}

  public static byte[] encode(long value) {
    var out = new ByteArrayOutputStream(MAX_BYTES);
    write(out, value);
    return out.toByteArray();
  }

  public static void write(ByteArrayOutputStream out, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a uvarint is not negative: " + value);
    }
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  public static long read(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      if (!in.hasRemaining()) {
        throw new IllegalArgumentException("a uvarint is cut off");
      }
      int b = in.get() & 0xff;
      value |= (long) (b & 0x7f) << (7 * i);
      if (b < 0x80) {
        if (b == 0 && i > 0) {
          throw new IllegalArgumentException("a uvarint is not minimal");
        }
        return value;
      }
    }
    throw new IllegalArgumentException("a uvarint is longer than 9 bytes");
  }

  /// Reads one from a stream, byte by byte, and not a byte more.
  ///
  /// @param max the largest value that the caller is ready for
  /// @throws EOFException if the stream ends before its first byte or inside it
  /// @throws ProtocolException if it is malformed or larger than `max`
  public static long read(InputStream in, long max) throws IOException {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException(i == 0 ? "end of stream" : "end of stream inside a length");
      }
      value |= (long) (b & 0x7f) << (7 * i);
      if (value > max) {
        throw new ProtocolException("a length is larger than " + max);
      }
      if (b < 0x80) {
        if (b == 0 && i > 0) {
          throw new ProtocolException("a length is not a minimal uvarint");
        }
        return value;
      }
    }
    throw new ProtocolException("a length is longer than 9 bytes");
  }
}
