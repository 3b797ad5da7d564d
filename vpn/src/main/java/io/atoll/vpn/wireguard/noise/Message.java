package io.atoll.vpn.wireguard.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A message of the handshake, drawn in the package's doc. Indices are opaque numbers that whoever
/// receives by them has chosen.
public sealed interface Message {
  int INITIATION = 148;
  int RESPONSE = 92;
  int COOKIE_REPLY = 64;

  /// @param noise ephemeral point, sealed static point, sealed timestamp
  record Initiation(int sender, byte[] noise) implements Message {}

  /// @param noise ephemeral point, sealed nothing
  record Response(int sender, int receiver, byte[] noise) implements Message {}

  /// @param sealed the cookie
  record CookieReply(int receiver, byte[] nonce, byte[] sealed) implements Message {}

  /// Null for what is no message of a handshake. The macs of the first two are left to `Macs`,
  /// which wants the bytes as they came.
  static @Nullable Message parse(byte[] bytes) {
    if (bytes.length < COOKIE_REPLY) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    // The type and three reserved zeros are one number.
    return switch (in.getInt(0)) {
      case 1 ->
          bytes.length == INITIATION ? new Initiation(in.getInt(4), cut(bytes, 8, 116)) : null;
      case 2 ->
          bytes.length == RESPONSE
              ? new Response(in.getInt(4), in.getInt(8), cut(bytes, 12, 60))
              : null;
      case 3 ->
          bytes.length == COOKIE_REPLY
              ? new CookieReply(in.getInt(4), cut(bytes, 8, 32), cut(bytes, 32, 64))
              : null;
      default -> null;
    };
  }

  /// As it goes out, but for the two macs, which are zeros.
  default byte[] bytes() {
    return switch (this) {
      case Initiation(int sender, byte[] noise) ->
          start(INITIATION, 1, sender).put(8, noise).array();
      case Response(int sender, int receiver, byte[] noise) ->
          start(RESPONSE, 2, sender).putInt(8, receiver).put(12, noise).array();
      case CookieReply(int receiver, byte[] nonce, byte[] sealed) ->
          start(COOKIE_REPLY, 3, receiver).put(8, nonce).put(32, sealed).array();
    };
  }

  private static ByteBuffer start(int length, int type, int index) {
    return ByteBuffer.allocate(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0, type)
        .putInt(4, index);
  }

  private static byte[] cut(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }
}
