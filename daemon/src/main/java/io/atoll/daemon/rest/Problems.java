package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.daemon.golem.Golem;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Failures as `application/problem+json`. What is not an `AtollException` shows nothing of its
/// inside: it is logged here and answered as INTERNAL.
final class Problems {
  private static final Logger log = LoggerFactory.getLogger(Problems.class);
  static final String TYPE = "application/problem+json";
  private static final Header PROBLEM = HeaderValues.create(HeaderNames.CONTENT_TYPE, TYPE);

  private Problems() {}

  static Problem of(ErrorCode code, String detail, String hint) {
    return of(code, code.httpStatus(), detail, hint);
  }

  /// @param status of the answer, where HTTP knows a nearer one than the code's
  static Problem of(ErrorCode code, int status, String detail, String hint) {
    String words = code.name().toLowerCase(Locale.ROOT);
    return new Problem(
        "urn:atoll:problem:" + words.replace('_', '-'),
        words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1).replace('_', ' '),
        status,
        code.name(),
        detail,
        hint.isEmpty() ? null : hint);
  }

  static Problem of(Throwable thrown) {
    return switch (thrown) {
      case AtollException e -> {
        if (e.code() == ErrorCode.INTERNAL) {
          log.error("{}", e.text(), e);
        }
        yield of(e.code(), e.text(), e.hint());
      }
      case InterruptedException _ ->
          of(ErrorCode.NOT_READY, "the hub is stopping", "ask again in a moment");
      // Helidon's own refusals of a request, such as a path that cannot be decoded.
      case RequestException _ ->
          of(
              ErrorCode.BAD_REQUEST,
              "the request cannot be read",
              "the contract is at /openapi.json");
      default -> {
        log.error("a request failed", thrown);
        yield of(
            ErrorCode.INTERNAL,
            "the hub failed to answer",
            "the cause is in the hub's log; please report it if it happens again");
      }
    };
  }

  /// In the words of whoever's path it is.
  static void send(ServerRequest request, ServerResponse response, Throwable thrown) {
    Problem problem = of(thrown);
    String path = request.prologue().uriPath().rawPath();
    if (Golem.isPath(path)) {
      GolemProblem golem = GolemProblem.of(path, problem);
      send(response, problem.code(), golem.status(), HeaderValues.CONTENT_TYPE_JSON, golem);
    } else {
      send(response, problem);
    }
  }

  static void send(ServerResponse response, Problem problem) {
    send(response, problem.code(), problem.status(), PROBLEM, problem);
  }

  private static void send(
      ServerResponse response, String code, int status, Header type, Object body) {
    response.status(status);
    response.header(type);
    response.header(HeaderValues.CACHE_NO_CACHE);
    if (code.equals(ErrorCode.UNAUTHENTICATED.name())) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    response.send(Json.bytes(body));
  }
}
