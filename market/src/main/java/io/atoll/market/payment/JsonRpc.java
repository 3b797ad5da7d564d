package io.atoll.market.payment;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Asks one JSON-RPC 2.0 server over HTTP. Whatever it answers is bounded in size, and everything
/// in time; redirects are not followed.
final class JsonRpc implements AutoCloseable {
  private static final int MOST = 256 << 10;
  private static final ObjectReader READER =
      Json.mapper().reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private final URI uri;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final AtomicLong ids = new AtomicLong();

  JsonRpc(URI uri) {
    this.uri = uri;
  }

  /// @param until by `System.nanoTime()`
  /// @return the result; JSON's null where that was the answer
  /// @throws AtollException PAYMENT_TIMEOUT or UNREACHABLE
  JsonNode call(String method, String parameter, long until) throws InterruptedException {
    long id = ids.incrementAndGet();
    byte[] body =
        Json.bytes(
            Map.of("jsonrpc", "2.0", "id", id, "method", method, "params", List.of(parameter)));
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<byte[]> response = within(until, request);
    if (response.statusCode() != 200) {
      throw strange("it answered with HTTP status " + response.statusCode(), null);
    }
    JsonNode answer;
    try {
      answer = READER.readTree(response.body());
    } catch (IOException e) {
      throw strange("its answer is not JSON", e);
    }
    if (answer.path("id").asLong(-1) != id) {
      throw strange("its answer is not for what was asked", null);
    }
    if (answer.hasNonNull("error")) {
      throw strange("it failed with code " + answer.path("error").path("code").asLong(), null);
    }
    JsonNode result = answer.get("result");
    if (result == null || !(result.isNull() || result.isObject())) {
      throw strange("its answer has no result", null);
    }
    return result;
  }

  private HttpResponse<byte[]> within(long until, HttpRequest request) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> asked =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST));
    try {
      return asked.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AtollException(
          ErrorCode.PAYMENT_TIMEOUT,
          "the chain's node " + uri.getAuthority() + " did not answer in time",
          "try again; the payment is not spent",
          e);
    } catch (ExecutionException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw strange(
          why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage(), e);
    } finally {
      asked.cancel(true);
    }
  }

  AtollException strange(String why, @Nullable Exception cause) {
    return new AtollException(
        ErrorCode.UNREACHABLE,
        "could not ask the chain's node " + uri.getAuthority() + ": " + why,
        "try again; if it goes on, the owner of this node has to look at its chain's node",
        cause);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
