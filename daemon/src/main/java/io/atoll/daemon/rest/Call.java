package io.atoll.daemon.rest;

import io.atoll.client.request.Nearest;
import io.atoll.client.request.Shown;
import io.atoll.client.request.TimeSpan;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.store.KeyRow;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One request and its answer, read and written our way.
///
/// @param key whose caller it is; null on open routes
record Call(
    ServerRequest request,
    ServerResponse response,
    @Nullable KeyRow key,
    Route route,
    AuditDesk audit) {
  static final int BODY_LIMIT = 1 << 20;

  /// Puts on record that what the caller asked for, which may be and makes sense, begins now.
  /// For what is in no commit of the hub; the hub itself tells of the rest.
  void begun() throws InterruptedException {
    audit.tell(route.words(), object(request), "BEGUN");
  }

  /// What a request is about, from its path.
  static String object(ServerRequest request) {
    Parameters inPath = request.path().pathParameters();
    return inPath.names().stream().map(inPath::get).collect(Collectors.joining(" "));
  }

  String path(String parameter) {
    return request.path().pathParameters().get(parameter);
  }

  /// @throws AtollException BAD_REQUEST for a query parameter that is not of these, or is repeated:
  /// to ignore it would answer another question than the one that was asked
  void expectOnly(List<String> parameters) {
    for (String name : request.query().names()) {
      if (!parameters.contains(name)) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "unknown query parameter " + Shown.quoted(name),
            parameters.isEmpty()
                ? "leave it out: this operation has none"
                : Nearest.hint(name, parameters)
                    + "the parameters are "
                    + String.join(", ", parameters));
      }
      int times = request.query().all(name).size();
      if (times > 1) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST, name + ": given " + times + " times", "give it once");
      }
    }
  }

  Optional<String> query(String parameter) {
    return request.query().contains(parameter)
        ? Optional.of(request.query().get(parameter))
        : Optional.empty();
  }

  Optional<String> header(HeaderName name) {
    return request.headers().contains(name)
        ? Optional.of(request.headers().get(name).get())
        : Optional.empty();
  }

  boolean flag(String parameter, boolean absent) {
    String text = query(parameter).orElse(Boolean.toString(absent));
    return switch (text) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw wrong(parameter, text, "write true or false");
    };
  }

  long number(String parameter, long absent, long least, long most) {
    Optional<String> text = query(parameter);
    return text.isEmpty() ? absent : number(parameter, text.get(), least, most);
  }

  /// A stream's cursor: the query parameter, else what an EventSource sends, else absent.
  Optional<Long> cursor(String parameter) {
    return query(parameter)
        .or(() -> header(HeaderNames.create("Last-Event-ID")))
        .map(text -> number(parameter, text, 0, Long.MAX_VALUE));
  }

  Duration span(String parameter, Duration most) {
    String text = query(parameter).orElse("0");
    Duration span;
    try {
      span = TimeSpan.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(parameter, text, "write seconds or units, such as 30s");
    }
    return span.compareTo(most) > 0 ? most : span;
  }

  private static long number(String parameter, String text, long least, long most) {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, as what is out of range
    }
    throw wrong(parameter, text, "write a whole number from " + least + " to " + most);
  }

  static AtollException wrong(String parameter, String text, String hint) {
    return new AtollException(
        ErrorCode.BAD_REQUEST, parameter + ": " + Shown.quoted(text) + " cannot be used", hint);
  }

  /// The whole body.
  ///
  /// @throws AtollException TOO_LARGE, once that is known, with the rest unread
  byte[] body() throws IOException {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    if (request.headers().contentLength().orElse(0) > BODY_LIMIT) {
      throw tooLarge();
    }
    InputStream in = request.content().inputStream();
    byte[] body = in.readNBytes(BODY_LIMIT + 1);
    if (body.length > BODY_LIMIT) {
      throw tooLarge();
    }
    return body;
  }

  private static AtollException tooLarge() {
    return new AtollException(
        ErrorCode.TOO_LARGE,
        "the request's body is larger than 1 MiB",
        "send less; large input belongs into an image or a file that the task fetches");
  }

  void json(int status, Object value) {
    response.status(status);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.header(HeaderValues.CACHE_NO_CACHE);
    response.send(Json.bytes(value));
  }

  void nothing() {
    response.status(204);
    response.send();
  }
}
