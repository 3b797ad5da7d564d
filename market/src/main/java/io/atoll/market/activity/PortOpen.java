package io.atoll.market.activity;

import io.atoll.core.json.Json;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// First message on a stream of `ActivityProtocol.PORT`: u16 length, then JSON. The node answers
/// with one frame of `io.atoll.core.exec`, `ready` or `failed`. After `ready` follow, in both
/// directions, the bytes of the connection, each direction ending by itself; or datagrams:
///
/// ```
///   u16 length, bytes
/// ```
public record PortOpen(RunId run, Port port) {
  private static final int MOST = 1024;

  /// The longest datagram of UDP over IPv4.
  public static final int LONGEST_DATAGRAM = 65_507;

  public PortOpen {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(port, "port");
  }

  public void write(DataOutputStream out) throws IOException {
    byte[] json = Json.bytes(this);
    out.writeShort(json.length);
    out.write(json);
    out.flush();
  }

  public static PortOpen read(DataInputStream in) throws IOException {
    int length = in.readUnsignedShort();
    if (length > MOST) {
      throw new IOException("a request of " + length + " bytes");
    }
    byte[] json = new byte[length];
    in.readFully(json);
    try {
      return Json.read(json, PortOpen.class);
    } catch (RuntimeException e) {
      throw new IOException("malformed request for a port", e);
    }
  }

  /// @param length of the datagram, at most [#LONGEST_DATAGRAM]
  public static void writeDatagram(DataOutputStream out, byte[] bytes, int length)
      throws IOException {
    out.writeShort(length);
    out.write(bytes, 0, length);
    out.flush();
  }

  /// @return null where no more follow
  public static byte @Nullable [] readDatagram(DataInputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int second = in.read();
    if (second < 0) {
      throw new EOFException("a datagram without a length");
    }
    int length = first << 8 | second;
    if (length > LONGEST_DATAGRAM) {
      throw new IOException("a datagram of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }
}
