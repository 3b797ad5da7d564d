package io.atoll.client.gate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The head of a request to a proxy (RFC 9112 §3): either `CONNECT HOST:PORT`, or a method with an
/// absolute URL.
///
/// @param target whom it is for
/// @param tunnel whether it asks for a tunnel
/// @param forwarded what the member gets as the head; empty for a tunnel
/// @param body how its body ends
record HttpHead(Target target, boolean tunnel, byte[] forwarded, Body body) {
  /// How the body of a request ends (RFC 9112 §6.3).
  sealed interface Body {
    /// After so many bytes.
    record Sized(long bytes) implements Body {}

    /// With a chunk of no bytes.
    record Chunked() implements Body {}
  }

  private static final int LONGEST = 32 << 10;

  /// What is between two neighbours only (RFC 9110 §7.6.1), and what we decide ourselves.
  private static final Set<String> DROPPED =
      Set.of(
          "connection",
          "proxy-connection",
          "proxy-authorization",
          "keep-alive",
          "te",
          "upgrade",
          "host");

  /// @return null where none follows
  /// @throws ProtocolException for what is no such head, with words for the answer
  static @Nullable HttpHead read(InputStream in) throws IOException {
    String text = lines(in);
    if (text == null) {
      return null;
    }
    List<String> lines = List.of(text.split("\r\n", -1));
    String[] words = lines.getFirst().split(" ", -1);
    if (words.length != 3 || !isToken(words[0]) || !words[2].matches("HTTP/1\\.[01]")) {
      throw new ProtocolException("that is no request of HTTP");
    }
    if (words[0].equals("CONNECT")) {
      Target target = Target.parse(words[1], 0);
      if (target == null) {
        throw new ProtocolException("CONNECT needs HOST:PORT");
      }
      return new HttpHead(target, true, new byte[0], new Body.Sized(0));
    }
    return plain(words[0], words[1], lines.subList(1, lines.size()));
  }

  private static HttpHead plain(String method, String url, List<String> fields)
      throws ProtocolException {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("the URL of the request cannot be read");
    }
    if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getRawAuthority() == null) {
      throw new ProtocolException(
          "this is a proxy: it takes absolute URLs such as http://web/, and CONNECT");
    }
    String authority = uri.getRawAuthority();
    Target target = Target.parse(authority.substring(authority.indexOf('@') + 1), 80);
    if (target == null) {
      throw new ProtocolException("the URL of the request names no host and port");
    }
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path);
    if (uri.getRawQuery() != null) {
      head.append('?').append(uri.getRawQuery());
    }
    head.append(" HTTP/1.1\r\nHost: ").append(authority.substring(authority.indexOf('@') + 1));
    List<String> lengths = new ArrayList<>();
    List<String> codings = new ArrayList<>();
    Set<String> named = named(fields);
    for (String field : fields) {
      int colon = field.indexOf(':');
      if (colon < 1 || !isToken(field.substring(0, colon))) {
        throw new ProtocolException("a line of the request's head is none");
      }
      String name = field.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = field.substring(colon + 1).strip();
      if (name.equals("content-length")) {
        lengths.add(value);
      } else if (name.equals("transfer-encoding")) {
        codings.add(value.toLowerCase(Locale.ROOT));
      }
      if (!DROPPED.contains(name) && !named.contains(name)) {
        head.append("\r\n").append(field);
      }
    }
    head.append("\r\nConnection: close\r\n\r\n");
    return new HttpHead(
        target,
        false,
        head.toString().getBytes(StandardCharsets.ISO_8859_1),
        body(lengths, codings));
  }

  /// What `Connection` names goes no further, except what says where the body ends.
  private static Set<String> named(List<String> fields) {
    Set<String> named = new HashSet<>();
    for (String field : fields) {
      if (field.toLowerCase(Locale.ROOT).startsWith("connection:")) {
        Arrays.stream(field.substring("connection:".length()).split(","))
            .map(word -> word.strip().toLowerCase(Locale.ROOT))
            .forEach(named::add);
      }
    }
    named.removeAll(Set.of("content-length", "transfer-encoding"));
    return named;
  }

  /// Two ways to say where a body ends would be read in two ways (RFC 9112 §11.2).
  private static Body body(List<String> lengths, List<String> codings) throws ProtocolException {
    if (codings.isEmpty() && lengths.isEmpty()) {
      return new Body.Sized(0);
    }
    if (codings.isEmpty() && lengths.size() == 1 && lengths.getFirst().matches("[0-9]{1,18}")) {
      return new Body.Sized(Long.parseLong(lengths.getFirst()));
    }
    if (lengths.isEmpty() && codings.equals(List.of("chunked"))) {
      return new Body.Chunked();
    }
    throw new ProtocolException("where the body of the request ends is not clear");
  }

  /// The lines without the empty one at the end; null where nothing comes.
  private static @Nullable String lines(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int state = 0;
    while (state < 4) {
      int octet = in.read();
      if (octet < 0) {
        if (head.size() == 0) {
          return null;
        }
        throw new ProtocolException("the request ended in its head");
      }
      if (head.size() == LONGEST) {
        throw new ProtocolException("the head of the request is too long");
      }
      // One without the other is a line's end to some, and none to others.
      boolean alone = (octet == '\n') != (state % 2 == 1);
      boolean control = octet < ' ' && octet != '\r' && octet != '\n' && octet != '\t';
      if (alone || control) {
        throw new ProtocolException("a line of the request's head is none");
      }
      head.write(octet);
      boolean wanted = octet == (state % 2 == 0 ? '\r' : '\n');
      state = wanted ? state + 1 : octet == '\r' ? 1 : 0;
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    return text.substring(0, text.length() - 4);
  }

  /// RFC 9110 §5.6.2.
  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(
                c ->
                    (c >= '0' && c <= '9')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= 'a' && c <= 'z')
                        || "!#$%&'*+.^_`|~-".indexOf(c) >= 0);
  }
}
