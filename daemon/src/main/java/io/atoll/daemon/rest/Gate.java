package io.atoll.daemon.rest;

import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.KeyRow;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides who comes in.
///
/// A foreign Host is refused because a web page of another site can make a browser send requests
/// here under its own name (DNS rebinding); a foreign Origin because it says so outright.
final class Gate {
  private static final String SCHEME = "Bearer ";

  private final HubApi hub;
  private final Set<String> hostNames;

  Gate(HubApi hub, Set<String> hostNames) {
    this.hub = hub;
    this.hostNames = hostNames;
  }

  /// @throws AtollException BAD_REQUEST or DENIED if the request is meant for somebody else
  void checkAddressed(ServerRequest request) {
    checkAddressed(request.headers(), request.localPeer().address());
  }

  /// The same, before there is a request.
  void checkAddressed(Headers headers, SocketAddress local) {
    String host = single(headers, HeaderNames.HOST);
    if (host == null) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "the request has no Host header", "speak HTTP/1.1");
    }
    if (!ours(host, local)) {
      throw new AtollException(
          ErrorCode.DENIED,
          "this hub is not known as " + Shown.quoted(host),
          "use its address, or name this host in the hub's settings");
    }
    String origin = single(headers, HeaderNames.ORIGIN);
    if (origin != null && !origin.equals("http://" + host) && !origin.equals("https://" + host)) {
      throw new AtollException(
          ErrorCode.DENIED,
          "requests from pages of " + Shown.quoted(origin) + " are refused",
          "call the hub from a program, or from a page that it serves itself");
    }
  }

  /// @return the caller's key; null where the route needs none
  /// @throws AtollException UNAUTHENTICATED
  @Nullable KeyRow authenticate(ServerRequest request, Access access) {
    return switch (access) {
      case ALWAYS, INVITE, PROOF -> null;
      case LOOPBACK -> loopback(request.remotePeer().address()) ? null : keyOf(request.headers());
      case KEY -> keyOf(request.headers());
    };
  }

  /// @throws AtollException UNAUTHENTICATED
  KeyRow keyOf(Headers headers) {
    String header = single(headers, HeaderNames.AUTHORIZATION);
    if (header == null) {
      throw new AtollException(
          ErrorCode.UNAUTHENTICATED,
          "the request carries no key",
          "send the header Authorization: Bearer <key>");
    }
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new AtollException(
          ErrorCode.UNAUTHENTICATED,
          "the Authorization header is not a bearer key",
          "send the header Authorization: Bearer <key>");
    }
    return hub.authenticate(header.substring(SCHEME.length()).strip())
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.UNAUTHENTICATED,
                    "the key is not known here, or was revoked",
                    "ask the hub's owner for an invite (atoll invite create --role app)"));
  }

  private boolean ours(String host, SocketAddress local) {
    String name = hostOf(host).toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || hostNames.contains(name)) {
      return true;
    }
    if (name.isEmpty() || (name.indexOf(':') < 0 && Character.digit(name.charAt(0), 10) < 0)) {
      return false;
    }
    try {
      InetAddress literal = InetAddress.ofLiteral(name);
      return literal.isLoopbackAddress()
          || (local instanceof InetSocketAddress ours && literal.equals(ours.getAddress()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// Without port and brackets.
  private static String hostOf(String authority) {
    if (authority.startsWith("[")) {
      int end = authority.indexOf(']');
      return end < 0 ? "" : authority.substring(1, end);
    }
    int colon = authority.indexOf(':');
    return colon < 0 ? authority : authority.substring(0, colon);
  }

  /// A caller of whom only the address is known.
  static Caller stranger(ServerRequest request) {
    return request.remotePeer().address() instanceof InetSocketAddress inet
            && inet.getAddress() != null
        ? new Caller("address " + inet.getAddress().getHostAddress())
        : new Caller("address unknown");
  }

  private static boolean loopback(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && inet.getAddress().isLoopbackAddress();
  }

  private static @Nullable String single(Headers headers, HeaderName name) {
    if (!headers.contains(name)) {
      return null;
    }
    List<String> values = headers.get(name).allValues();
    if (values.size() != 1) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the request has " + values.size() + " " + name.defaultCase() + " headers",
          "send one");
    }
    return values.getFirst();
  }
}
