package io.atoll.p2p.negotiate;

import io.atoll.core.multiformat.Uvarint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A message behind its length, as most protocols of libp2p send theirs.
public final class Frame {
  private Frame() {}

  /// In one write.
  public static void write(OutputStream out, byte[] message) throws IOException {
    var framed = new ByteArrayOutputStream(message.length + 4);
    Uvarint.write(framed, message.length);
    framed.writeBytes(message);
    out.write(framed.toByteArray());
    out.flush();
  }

  /// Reads one message, and not a byte of what follows it.
  ///
  /// @throws java.net.ProtocolException if it says that it is larger than `max`
  public static byte[] read(InputStream in, int max) throws IOException {
    int length = (int) Uvarint.read(in, max);
    byte[] message = in.readNBytes(length);
    if (message.length < length) {
      throw new EOFException("end of stream inside a message");
    }
    return message;
  }
}
