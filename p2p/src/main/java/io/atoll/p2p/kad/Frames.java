package io.atoll.p2p.kad;

import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.kad.machine.KadCodec;
import io.atoll.p2p.kad.machine.KadMessage;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;

/// Messages on a stream, each behind its length.
final class Frames {
  private Frames() {}

  static void write(OutputStream out, KadMessage message) throws IOException {
    byte[] bytes = KadCodec.encode(message);
    var framed = new ByteArrayOutputStream(bytes.length + 5);
    Uvarint.write(framed, bytes.length);
    framed.writeBytes(bytes);
    out.write(framed.toByteArray());
    out.flush();
  }

  /// @throws EOFException at the end of the stream
  /// @throws ProtocolException if it is malformed or too large; nothing of it is kept
  static KadMessage read(InputStream in) throws IOException {
    int length = (int) Uvarint.read(in, KadCodec.MAX_MESSAGE);
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("end of stream inside a kad message");
    }
    try {
      return KadCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(e.getMessage());
    }
  }
}
