package io.atoll.client.gate;

import org.jspecify.annotations.Nullable;

/// A member's port.
///
/// @param host name or address, without brackets
public record Target(String host, int port) {
  private static final int LONGEST_HOST = 255;

  public Target {
    if (!isHost(host) || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no host and port");
    }
  }

  /// What can stand in a path and in a line of HTTP: letters, digits and what addresses have.
  static boolean isHost(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST_HOST
        && text.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '.'
                        || c == '-'
                        || c == '_'
                        || c == ':');
  }

  /// `HOST:PORT`, or `[ADDRESS]:PORT`.
  ///
  /// @param usualPort where none is written; 0 where one has to be
  /// @return null for anything else
  public static @Nullable Target parse(String text, int usualPort) {
    String host;
    String rest;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0) {
        return null;
      }
      host = text.substring(1, end);
      rest = text.substring(end + 1);
    } else {
      int colon = text.indexOf(':');
      host = colon < 0 ? text : text.substring(0, colon);
      rest = colon < 0 ? "" : text.substring(colon);
    }
    int port = rest.isEmpty() ? usualPort : rest.startsWith(":") ? number(rest.substring(1)) : -1;
    boolean bracketed = text.startsWith("[");
    return port < 1 || !isHost(host) || (host.indexOf(':') >= 0) != bracketed
        ? null
        : new Target(host, port);
  }

  /// A port, 0 too; -1 for what is none.
  static int number(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int number = Integer.parseInt(text);
    return number <= 65_535 ? number : -1;
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
