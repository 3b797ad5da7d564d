package io.atoll.market.deploy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.multiformat.Uvarint;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Frames on a stream: unsigned varint length, then bytes.
public final class DeployFrames {
  private DeployFrames() {}

  /// @return the bytes of the next frame; empty where the stream ended before it
  /// @throws AtollException TOO_LARGE if it is over the limit; nothing of it was read then
  public static Optional<byte[]> read(InputStream in) throws IOException {
    long length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int octet = in.read();
      if (octet < 0) {
        if (shift == 0) {
          return Optional.empty();
        }
        throw new EOFException("the stream ended within a length");
      }
      length |= (octet & 0x7fL) << shift;
      if (octet < 0x80) {
        return Optional.of(body(in, length));
      }
    }
    throw tooLarge();
  }

  private static byte[] body(InputStream in, long length) throws IOException {
    if (length > DeployProtocol.MAX_MESSAGE) {
      throw tooLarge();
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("the stream ended within a message of " + length + " bytes");
    }
    return bytes;
  }

  private static AtollException tooLarge() {
    return new AtollException(
        ErrorCode.TOO_LARGE,
        "the message is longer than " + DeployProtocol.MAX_MESSAGE + " bytes",
        "put what is large into the image");
  }

  public static void write(OutputStream out, ToRequester message) throws IOException {
    byte[] json = Json.bytes(message);
    out.write(Uvarint.encode(json.length));
    out.write(json);
    out.flush();
  }
}
