package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import io.atoll.client.request.Shown;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;

/// Problems of requests that never reach a route: not HTTP, too long, encoded. The server tells
/// what kind of refusal it is and as much of the request as it has read, but no reason.
final class Unrouted {
  private static final Http1Config LIMITS = Http1Config.create();

  private Unrouted() {}

  static DirectHandlers handlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(
          type,
          (request, event, status, headers, message) ->
              DirectHandler.TransportResponse.builder()
                  .status(status)
                  .header(HeaderNames.CONTENT_TYPE, Problems.TYPE)
                  .keepAlive(event.keepAlive())
                  .entity(Json.bytes(problem(request, event, status)))
                  .build());
    }
    return handlers.build();
  }

  private static Problem problem(TransportRequest request, EventType event, Status status) {
    int code = status.code();
    return switch (event) {
      case PAYLOAD_TOO_LARGE ->
          Problems.of(ErrorCode.TOO_LARGE, code, "the request's body is too large", "send less");
      case FORBIDDEN ->
          Problems.of(
              ErrorCode.DENIED, code, "the request is refused", "the contract is at /openapi.json");
      case INTERNAL_ERROR ->
          Problems.of(
              ErrorCode.INTERNAL,
              code,
              "the hub failed to answer",
              "the cause is in the hub's log; please report it if it happens again");
      case HTTP_VERSION_NOT_SUPPORTED ->
          Problems.of(
              ErrorCode.BAD_REQUEST,
              code,
              "this HTTP version is not spoken here",
              "speak HTTP/1.1");
      case BAD_REQUEST, OTHER -> unreadable(request, code);
    };
  }

  private static Problem unreadable(TransportRequest request, int status) {
    if (status == Status.NOT_FOUND_404.code()) {
      return Problems.of(
          ErrorCode.NOT_FOUND,
          status,
          "nothing is served here",
          "the contract is at /openapi.json");
    }
    if (status == Status.REQUEST_URI_TOO_LONG_414.code()) {
      return Problems.of(
          ErrorCode.TOO_LARGE,
          status,
          "the request line is longer than " + LIMITS.maxPrologueLength() + " bytes",
          "shorten the path or the query: a task is named by its id or name, and what is large"
              + " belongs into the body");
    }
    if (request.headers().contains(HeaderNames.CONTENT_ENCODING)) {
      String encoding = request.headers().get(HeaderNames.CONTENT_ENCODING).get();
      return Problems.of(
          ErrorCode.BAD_REQUEST,
          status,
          "the request's body is encoded as " + Shown.quoted(encoding),
          "send it as plain JSON, without Content-Encoding");
    }
    return Problems.of(
        ErrorCode.BAD_REQUEST,
        status,
        "the request cannot be read as HTTP",
        "send HTTP/1.1: path and query percent-encoded, headers well-formed and of at most "
            + LIMITS.maxHeadersSize()
            + " bytes; the contract is at /openapi.json");
  }
}
