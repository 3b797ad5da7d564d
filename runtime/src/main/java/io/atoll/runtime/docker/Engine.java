package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The Docker Engine API as requests and JSON. The library carries them over a unix socket, a named
/// pipe or TCP; its typed layer is left out: it knows neither `one-shot` statistics nor conditions
/// of a wait, and costs more classes than the twelve requests that are used here.
///
/// Paths carry no version: every engine then speaks its own default, and the fields that are used
/// have meant the same since 1.41.
final class Engine implements AutoCloseable {
  /// For requests that the engine answers from memory or with little work.
  static final Duration SHORT = Duration.ofSeconds(30);

  /// For requests that do as much work as it takes; an engine that dies ends them at once.
  static final Duration LONG = Duration.ofMinutes(10);

  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final int MAX_CONNECTIONS = 8192;

  private final URI address;
  private final DockerHttpClient http;

  Engine(URI address) {
    this.address = address;
    this.http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(address)
            .maxConnections(MAX_CONNECTIONS)
            .connectionTimeout(CONNECT)
            .build();
  }

  URI address() {
    return address;
  }

  JsonNode get(String path, Duration patience) throws EngineException, InterruptedException {
    return call("GET", path, null, patience);
  }

  JsonNode post(String path, @Nullable JsonNode body, Duration patience)
      throws EngineException, InterruptedException {
    return call("POST", path, body == null ? null : Json.bytes(body), patience);
  }

  void delete(String path, Duration patience) throws EngineException, InterruptedException {
    var _ = call("DELETE", path, null, patience);
  }

  /// Sends bytes that are no JSON, such as a tar archive.
  JsonNode postBytes(String path, byte[] body, Duration patience)
      throws EngineException, InterruptedException {
    return call("POST", path, body, patience);
  }

  /// Sends a tar archive to where the engine unpacks it.
  void putBytes(String path, byte[] body, Duration patience)
      throws EngineException, InterruptedException {
    var _ = call("PUT", path, body, patience);
  }

  private JsonNode call(String method, String path, byte @Nullable [] body, Duration patience)
      throws EngineException, InterruptedException {
    return within(
        patience,
        method,
        () -> {
          try (Response response = open(method, path, body)) {
            byte[] bytes = response.getBody().readAllBytes();
            return bytes.length == 0 ? Json.mapper().missingNode() : firstValue(bytes);
          }
        });
  }

  /// As `open`, but the answer has to begin within `patience`.
  Response openWithin(Duration patience, String method, String path)
      throws EngineException, InterruptedException {
    return within(patience, method, () -> open(method, path, null));
  }

  /// Runs an exchange on a virtual thread of its own, which is what can be given up on: the
  /// transport has no timeouts on unix sockets.
  private <T> T within(Duration patience, String name, Callable<T> what)
      throws EngineException, InterruptedException {
    FutureTask<T> exchange = new FutureTask<>(what);
    Thread thread = Thread.ofVirtual().name("docker " + name).start(exchange);
    try {
      return exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw EngineException.noAnswer(
          "the Docker engine at " + address + " did not answer within " + seconds(patience), e);
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof EngineException refused) {
        throw refused;
      }
      throw gone(cause == null ? e : cause);
    }
  }

  private static String seconds(Duration patience) {
    return patience.toSeconds() + " s";
  }

  /// The first JSON value, or the bytes as text: a ping answers `OK`, an import many values.
  private static JsonNode firstValue(byte[] bytes) {
    try (var parser = Json.mapper().getFactory().createParser(bytes)) {
      JsonNode value = Json.mapper().readTree(parser);
      return value == null ? Json.mapper().missingNode() : value;
    } catch (IOException e) {
      return Json.mapper().getNodeFactory().textNode(text(bytes));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8).strip();
  }

  /// Opens a request whose answer is read as it comes, on the calling thread, for as long as it
  /// takes. An interrupt of that thread ends it.
  Response open(String method, String path, byte @Nullable [] body) throws EngineException {
    try {
      Request.Builder request = Request.builder().method(Request.Method.valueOf(method)).path(path);
      if (body != null) {
        request.putHeader("Content-Type", isJson(body) ? "application/json" : "application/x-tar");
        request.bodyBytes(body);
      }
      Response response = http.execute(request.build());
      if (response.getStatusCode() < 400) {
        return response;
      }
      try (response) {
        throw EngineException.refused(response.getStatusCode(), message(response.getBody()));
      }
    } catch (IOException | RuntimeException e) {
      throw gone(e);
    }
  }

  private static boolean isJson(byte[] body) {
    return body.length > 0 && body[0] == '{';
  }

  private static String message(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(64 << 10);
    JsonNode value = firstValue(bytes);
    String message = value.path("message").asText("");
    return message.isEmpty() ? text(bytes) : message;
  }

  private EngineException gone(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return EngineException.noAnswer(
        "no answer from the Docker engine at " + address + ": " + said, cause);
  }

  /// Ends the connections at rest; a request under way is ended by interrupting its thread.
  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
