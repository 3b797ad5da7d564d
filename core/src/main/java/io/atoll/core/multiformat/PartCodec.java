package io.atoll.core.multiformat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The value of one part of a multiaddr: text to canonical text, and to and from bytes.
final class PartCodec {
  private static final int MAX_VALUE = 1024;

  private PartCodec() {}

  static String canonical(Protocol protocol, String value) {
    return switch (protocol.form()) {
      case NONE -> {
        if (!value.isEmpty()) {
          throw new IllegalArgumentException("/" + protocol.text() + " has no value");
        }
        yield value;
      }
      case IP4 -> IpText.print4(IpText.parse4(value));
      case IP6 -> IpText.print6(IpText.parse6(value));
      case PORT -> Long.toString(number(protocol, value, 65_535));
      case BYTE -> Long.toString(number(protocol, value, 255));
      case NUMBER -> Long.toString(number(protocol, value, Long.MAX_VALUE));
      case TEXT -> {
        if (value.isEmpty() || value.length() > 255 || value.contains("/") || control(value)) {
          throw bad(protocol, value);
        }
        yield value;
      }
      case PATH -> {
        if (!value.startsWith("/")
            || value.length() < 2
            || value.length() > 255
            || control(value)) {
          throw bad(protocol, value);
        }
        yield value;
      }
      case PEER -> Base58.encode(Multihash.parse(value));
      case MULTIBASE -> multibase(base64Url(protocol, value));
    };
  }

  static void write(Multiaddr.Part part, ByteArrayOutputStream out) {
    String value = part.value();
    switch (part.protocol().form()) {
      case NONE -> {}
      case IP4 -> out.writeBytes(IpText.parse4(value));
      case IP6 -> out.writeBytes(IpText.parse6(value));
      case PORT -> {
        int port = Integer.parseInt(value);
        out.write(port >>> 8);
        out.write(port);
      }
      case BYTE -> out.write(Integer.parseInt(value));
      case NUMBER -> out.writeBytes(ByteBuffer.allocate(8).putLong(Long.parseLong(value)).array());
      case TEXT, PATH -> sized(value.getBytes(StandardCharsets.UTF_8), out);
      case PEER -> sized(Base58.decode(value), out);
      case MULTIBASE -> sized(base64Url(part.protocol(), value), out);
    }
  }

  static String read(Protocol protocol, ByteBuffer in) {
    return switch (protocol.form()) {
      case NONE -> "";
      case IP4 -> IpText.print4(take(in, 4));
      case IP6 -> IpText.print6(take(in, 16));
      case PORT -> Integer.toString(ByteBuffer.wrap(take(in, 2)).getShort() & 0xffff);
      case BYTE -> Integer.toString(take(in, 1)[0] & 0xff);
      case NUMBER -> Long.toString(ByteBuffer.wrap(take(in, 8)).getLong());
      case TEXT, PATH -> text(takeSized(in));
      case PEER -> Base58.encode(Multihash.check(takeSized(in)));
      case MULTIBASE -> multibase(takeSized(in));
    };
  }

  private static long number(Protocol protocol, String value, long max) {
    if (!value.matches("[0-9]{1,19}")) {
      throw bad(protocol, value);
    }
    try {
      long number = Long.parseLong(value);
      if (number <= max) {
        return number;
      }
    } catch (NumberFormatException tooLarge) {
      // Nineteen digits may pass the largest long: the same answer as for any other excess.
    }
    throw new IllegalArgumentException("/" + protocol.text() + " is at most " + max);
  }

  private static String multibase(byte[] bytes) {
    return "u" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] base64Url(Protocol protocol, String value) {
    if (!value.startsWith("u") || value.length() > MAX_VALUE) {
      throw bad(protocol, value);
    }
    return Base64.getUrlDecoder().decode(value.substring(1));
  }

  private static boolean control(String value) {
    return value.chars().anyMatch(Character::isISOControl);
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name in a multiaddr is not UTF-8", e);
    }
  }

  private static void sized(byte[] bytes, ByteArrayOutputStream out) {
    Uvarint.write(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static byte[] takeSized(ByteBuffer in) {
    long length = Uvarint.read(in);
    if (length > MAX_VALUE) {
      throw new IllegalArgumentException("a value in a multiaddr has " + length + " bytes");
    }
    return take(in, (int) length);
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (in.remaining() < length) {
      throw new IllegalArgumentException("a multiaddr is cut off");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static IllegalArgumentException bad(Protocol protocol, String value) {
    String shown = value.replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(
        "not a value for /"
            + protocol.text()
            + ": “"
            + (shown.length() <= 60 ? shown : shown.substring(0, 60) + "…")
            + "”");
  }
}
