package io.atoll.market.payment;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.core.testing.NodePackages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// An Ethereum chain in a process of its own (`src/test/js/chain.mjs`), whose accounts are rich.
final class LocalChain implements AutoCloseable {
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI uri;

  LocalChain() throws IOException, InterruptedException {
    NodePackages.install("a local chain needs Node 20 or newer with npm", "ci", "--ignore-scripts");
    process =
        new ProcessBuilder("node", "chain.mjs")
            .directory(NodePackages.BUILT.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = process.inputReader().readLine();
    if (said == null) {
      throw new IOException("the local chain did not start; look into " + NodePackages.BUILT);
    }
    uri = URI.create("http://127.0.0.1:" + Json.read(said, JsonNode.class).get("port").asInt());
  }

  URI uri() {
    return uri;
  }

  List<String> accounts() throws IOException, InterruptedException {
    return call("eth_accounts").valueStream().map(JsonNode::asText).toList();
  }

  /// @return the transaction's hash
  String pay(String from, String to, long wei) throws IOException, InterruptedException {
    return call(
            "eth_sendTransaction",
            Map.of("from", from, "to", to, "value", "0x" + Long.toHexString(wei)))
        .asText();
  }

  /// A transaction whose program gives up at once.
  String revert(String from) throws IOException, InterruptedException {
    return call(
            "eth_sendTransaction",
            Map.of("from", from, "data", "0x60006000fd", "gas", "0x186a0", "value", "0x0"))
        .asText();
  }

  private JsonNode call(String method, Object... parameters)
      throws IOException, InterruptedException {
    byte[] body =
        Json.bytes(
            Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", List.of(parameters)));
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    JsonNode answer =
        Json.read(http.send(request, BodyHandlers.ofByteArray()).body(), JsonNode.class);
    if (!answer.has("result")) {
      throw new IOException(method + ": " + answer);
    }
    return answer.get("result");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    http.shutdownNow();
    process.getOutputStream().close();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
