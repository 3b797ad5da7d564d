package io.atoll.client;

import io.atoll.client.api.Problem;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One HTTP exchange. `HttpURLConnection`, because `java.net.http` takes 60 to 200 ms to load.
final class Wire {
  static final Duration CONNECT = Duration.ofSeconds(10);

  /// The hub cannot be reached at all, as told from a connection that broke later.
  static final class Refused extends AtollException {
    private static final long serialVersionUID = 1;

    Refused(HubLocation hub, IOException cause) {
      super(
          ErrorCode.UNREACHABLE,
          "the hub at " + hub.api() + " (from " + hub.origin() + ") cannot be reached",
          "is it running? `atoll up` starts one; ATOLL_HUB names another",
          cause);
    }
  }

  /// The connection broke before the whole answer came; whether the hub acted is not known.
  static final class Broken extends AtollException {
    private static final long serialVersionUID = 1;

    Broken(HubLocation hub, IOException cause) {
      super(
          ErrorCode.UNREACHABLE,
          "the connection to the hub at " + hub.api() + " broke before it had answered",
          "look whether it was done before you ask again",
          cause);
    }
  }

  static {
    // A POST whose connection broke is not to be repeated behind our back.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private Wire() {}

  /// @param body null for none
  /// @return the answer's body, if it is a success
  /// @throws AtollException with the hub's own code and texts if it is none (a 401 in words of the
  /// settings); Refused; Broken
  static InputStream send(
      HubLocation hub,
      String method,
      String path,
      Map<String, String> headers,
      byte @Nullable [] body,
      Duration silence) {
    HttpURLConnection connection = connect(hub, method, path, headers, body, silence);
    try {
      if (body != null) {
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      int status = connection.getResponseCode();
      if (status >= 200 && status < 300) {
        return connection.getInputStream();
      }
      try (InputStream error = connection.getErrorStream()) {
        throw failure(hub, status, error == null ? new byte[0] : error.readNBytes(1 << 20));
      }
    } catch (IOException e) {
      throw new Broken(hub, e);
    }
  }

  private static HttpURLConnection connect(
      HubLocation hub,
      String method,
      String path,
      Map<String, String> headers,
      byte @Nullable [] body,
      Duration silence) {
    try {
      URI uri = URI.create(hub.api() + path);
      URLConnection opened =
          loopback(uri) ? uri.toURL().openConnection(Proxy.NO_PROXY) : uri.toURL().openConnection();
      HttpURLConnection connection = (HttpURLConnection) opened;
      connection.setRequestMethod(method);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) silence.toMillis());
      // The key must not follow to wherever an answer points.
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      headers.forEach(connection::setRequestProperty);
      connection.setRequestProperty("Accept", "application/json, text/event-stream, */*");
      if (hub.key() != null) {
        connection.setRequestProperty("Authorization", "Bearer " + hub.key());
      }
      if (body != null) {
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
      }
      connection.connect();
      return connection;
    } catch (IOException e) {
      throw new Refused(hub, e);
    }
  }

  private static boolean loopback(URI uri) {
    String host = uri.getHost();
    return host != null
        && (host.startsWith("127.") || host.equals("localhost") || host.equals("[::1]"));
  }

  static AtollException failure(HubLocation hub, int status, byte[] body) {
    try {
      Problem problem = Json.read(body, Problem.class);
      if (problem.code() != null && problem.detail() != null) {
        ErrorCode code = code(problem.code(), status);
        return code == ErrorCode.UNAUTHENTICATED
            ? hub.unauthenticated(problem.detail())
            : new AtollException(
                code, problem.detail(), problem.hint() == null ? "" : problem.hint());
      }
    } catch (IOException e) {
      // answered below, as something that is no hub
    }
    String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
    return new AtollException(
        code("", status),
        hub.api() + " answered " + status + " and is probably no hub: " + Shown.plain(text, 100),
        "check the address from " + hub.origin());
  }

  /// The code by its name, or, from a newer hub, the one that fits the status.
  private static ErrorCode code(String name, int status) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    for (ErrorCode code : ErrorCode.values()) {
      if (code.httpStatus() == status) {
        return code;
      }
    }
    return status < 500 ? ErrorCode.BAD_REQUEST : ErrorCode.INTERNAL;
  }
}
