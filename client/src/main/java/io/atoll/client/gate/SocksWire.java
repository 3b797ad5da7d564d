package io.atoll.client.gate;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Messages of SOCKS version 5 (RFC 1928).
///
/// ```
///   greeting   05, count, methods                      §3    answer 05, method
///   request    05, command, 00, address                §4    answer 05, reply, 00, address
///   datagram   00 00, piece, address, bytes            §7
///   address    01, 4 bytes, port │ 03, length, name, port │ 04, 16 bytes, port
/// ```
final class SocksWire {
  static final int VERSION = 5;
  static final int NO_LOGIN = 0;
  static final int PASSWORD = 2;
  static final int NO_METHOD = 0xff;
  static final int CONNECT = 1;
  static final int ASSOCIATE = 3;
  private static final int V4 = 1;
  private static final int NAME = 3;
  private static final int V6 = 4;

  /// What a request is answered with (RFC 1928 §6).
  enum Reply {
    DONE(0),
    FAILED(1),
    FORBIDDEN(2),
    HOST_UNREACHABLE(4),
    REFUSED(5),
    TOO_LATE(6),
    UNKNOWN_COMMAND(7),
    UNKNOWN_ADDRESS(8);

    final int number;

    Reply(int number) {
      this.number = number;
    }
  }

  /// @param target null where it names none that could be dialled, as an association may
  record Request(int command, @Nullable Target target) {}

  /// @param head the header as it came, to be put before what comes back
  record Datagram(Target target, byte[] head, byte[] bytes) {}

  private SocksWire() {}

  /// The version is read.
  ///
  /// @return the method to use, or NO_METHOD
  static int method(DataInputStream in) throws IOException {
    byte[] methods = new byte[in.readUnsignedByte()];
    in.readFully(methods);
    for (byte method : methods) {
      if (method == NO_LOGIN) {
        return NO_LOGIN;
      }
    }
    return NO_METHOD;
  }

  static Request request(DataInputStream in) throws IOException {
    if (in.readUnsignedByte() != VERSION) {
      throw new ProtocolException("a request of another version of SOCKS");
    }
    int command = in.readUnsignedByte();
    in.readUnsignedByte();
    byte[] address = address(in);
    int port = in.readUnsignedShort();
    return new Request(command, address.length == 0 ? null : target(text(address), port));
  }

  /// The type and what follows it, without the port; empty for an unknown type.
  private static byte[] address(DataInputStream in) throws IOException {
    int type = in.readUnsignedByte();
    int length =
        switch (type) {
          case V4 -> 4;
          case V6 -> 16;
          case NAME -> in.readUnsignedByte();
          default -> -1;
        };
    if (length < 0) {
      return new byte[0];
    }
    byte[] address = new byte[1 + length];
    address[0] = (byte) type;
    in.readFully(address, 1, length);
    return address;
  }

  private static String text(byte[] address) throws UnknownHostException {
    if (address[0] == NAME) {
      return new String(address, 1, address.length - 1, StandardCharsets.ISO_8859_1);
    }
    byte[] bytes = new byte[address.length - 1];
    System.arraycopy(address, 1, bytes, 0, bytes.length);
    return InetAddress.getByAddress(bytes).getHostAddress();
  }

  private static @Nullable Target target(String host, int port) {
    return port > 0 && Target.isHost(host) ? new Target(host, port) : null;
  }

  static byte[] reply(Reply reply, InetSocketAddress bound) {
    byte[] address = bound.getAddress().getAddress();
    return ByteBuffer.allocate(6 + address.length)
        .put((byte) VERSION)
        .put((byte) reply.number)
        .put((byte) 0)
        .put((byte) (address.length == 4 ? V4 : V6))
        .put(address)
        .putShort((short) bound.getPort())
        .array();
  }

  /// @return null for what is none, or a piece of one
  static @Nullable Datagram datagram(byte[] packet, int length) {
    ByteBuffer in = ByteBuffer.wrap(packet, 0, length);
    if (length < 5 || in.getShort() != 0 || in.get() != 0) {
      return null;
    }
    int type = in.get();
    int size =
        switch (type) {
          case V4 -> 4;
          case V6 -> 16;
          case NAME -> 1 + (in.get(in.position()) & 0xff);
          default -> -1;
        };
    if (size < 0 || in.remaining() < size + 2) {
      return null;
    }
    byte[] address = new byte[size];
    in.get(address);
    int port = in.getShort() & 0xffff;
    byte[] head = new byte[in.position()];
    System.arraycopy(packet, 0, head, 0, head.length);
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    byte[] typed = new byte[type == NAME ? size : size + 1];
    typed[0] = (byte) type;
    int skipped = type == NAME ? 1 : 0; // the length of the name
    System.arraycopy(address, skipped, typed, 1, typed.length - 1);
    try {
      Target target = target(text(typed), port);
      return target == null ? null : new Datagram(target, head, bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }
}
