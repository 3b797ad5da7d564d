package io.atoll.p2p.transport;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// A stream that is written in pieces; a single byte is a piece of one.
public abstract class BulkOutput extends OutputStream {
  @Override
  public final void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public abstract void write(byte[] from, int offset, int length) throws IOException;

  /// Writes all that remains of a buffer, of whatever kind.
  public void write(ByteBuffer from) throws IOException {
    copy(this, from);
  }

  /// The same to any stream.
  public static void writeTo(OutputStream out, ByteBuffer from) throws IOException {
    if (out instanceof BulkOutput bulk) {
      bulk.write(from);
    } else {
      copy(out, from);
    }
  }

  private static void copy(OutputStream out, ByteBuffer from) throws IOException {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    out.write(bytes, 0, bytes.length);
  }
}
