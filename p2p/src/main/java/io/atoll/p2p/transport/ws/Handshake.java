package io.atoll.p2p.transport.ws;

import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The opening handshake of RFC 6455 §4, at both ends. Reads no byte beyond it.
final class Handshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int LONGEST_HEAD = 8 << 10;
  private static final int KEY_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Handshake() {}

  static void dial(Wire wire, String host, int port) throws IOException {
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    String key = Base64.getEncoder().encodeToString(random);
    String named = host.contains(":") ? "[" + host + "]" : host;
    send(
        wire,
        "GET / HTTP/1.1",
        "Host: " + named + ":" + port,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: " + key,
        "Sec-WebSocket-Version: 13");
    Head head = Head.read(wire.in());
    if (!head.first().matches("HTTP/1\\.1 101( .*)?")) {
      throw new ProtocolException("no WebSocket is served there: " + shown(head.first()));
    }
    if (!head.has("upgrade", "websocket") || !head.is("sec-websocket-accept", accept(key))) {
      throw new ProtocolException("the answer to a WebSocket handshake is none");
    }
  }

  static void answer(Wire wire) throws IOException {
    Head head = Head.read(wire.in());
    String key = head.fields().getOrDefault("sec-websocket-key", "");
    if (!head.first().matches("GET /\\S* HTTP/1\\.1")
        || !head.has("upgrade", "websocket")
        || !head.has("connection", "upgrade")
        || !head.is("sec-websocket-version", "13")
        || !isKey(key)) {
      send(wire, "HTTP/1.1 400 Bad Request", "Connection: close", "Content-Length: 0");
      throw new ProtocolException("that is no WebSocket handshake: " + shown(head.first()));
    }
    send(
        wire,
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: " + accept(key));
  }

  private static boolean isKey(String text) {
    try {
      return Base64.getDecoder().decode(text).length == KEY_BYTES;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static void send(Wire wire, String... lines) throws IOException {
    String head = String.join("\r\n", lines) + "\r\n\r\n";
    wire.out().write(head.getBytes(StandardCharsets.US_ASCII));
    wire.out().flush();
  }

  private static String shown(String line) {
    String printable = line.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 60 ? printable : printable.substring(0, 60) + "…";
  }

  /// @param fields by lower-case name; of several with one name, joined as HTTP does
  private record Head(String first, Map<String, String> fields) {
    static Head read(InputStream in) throws IOException {
      var bytes = new ByteArrayOutputStream();
      int state = 0;
      while (state < 4) {
        int octet = in.read();
        if (octet < 0) {
          throw new EOFException("end of stream during a WebSocket handshake");
        }
        if (bytes.size() == LONGEST_HEAD) {
          throw new ProtocolException("the head of a WebSocket handshake is too long");
        }
        bytes.write(octet);
        boolean wanted = octet == (state % 2 == 0 ? '\r' : '\n');
        state = wanted ? state + 1 : octet == '\r' ? 1 : 0;
      }
      List<String> lines = List.of(bytes.toString(StandardCharsets.ISO_8859_1).split("\r\n"));
      if (lines.isEmpty()) {
        throw new ProtocolException("an empty WebSocket handshake");
      }
      Map<String, String> fields = new HashMap<>();
      for (String line : lines.subList(1, lines.size())) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          fields.merge(
              line.substring(0, colon).toLowerCase(Locale.ROOT),
              line.substring(colon + 1).strip(),
              (before, more) -> before + "," + more);
        }
      }
      return new Head(lines.getFirst(), fields);
    }

    boolean is(String name, String value) {
      return value.equals(fields.get(name));
    }

    boolean has(String name, String word) {
      return Arrays.stream(fields.getOrDefault(name, "").split(","))
          .anyMatch(each -> each.strip().equalsIgnoreCase(word));
    }
  }
}
