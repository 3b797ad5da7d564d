package io.atoll.market.payment;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/// An Ethereum chain in a process of its own (`src/test/js/chain.mjs`), whose accounts are rich.
final class LocalChain implements AutoCloseable {
  private static final Path SOURCES = Path.of("src/test/js").toAbsolutePath();
  private static final Path BUILT = Path.of("target/js").toAbsolutePath();

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI uri;

  LocalChain() throws IOException, InterruptedException {
    install();
    process =
        new ProcessBuilder("node", "chain.mjs")
            .directory(BUILT.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = process.inputReader().readLine();
    if (said == null) {
      throw new IOException("the local chain did not start; look into " + BUILT);
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

  /// Installs the pinned packages into the build folder unless they are there already.
  private static void install() throws IOException, InterruptedException {
    if (!runs("node", "--version") || !runs("npm", "--version")) {
      throw new TestAbortedException("a local chain needs Node 20 or newer with npm");
    }
    Files.createDirectories(BUILT);
    for (String file : new String[] {"chain.mjs", "package.json", ".npmrc", "package-lock.json"}) {
      Files.copy(SOURCES.resolve(file), BUILT.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.exists(BUILT.resolve("node_modules/.package-lock.json"))) {
      return;
    }
    Path log = BUILT.resolve("npm.log");
    int exit =
        new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            .directory(BUILT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException("npm failed with " + exit + ": " + Files.readString(log));
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }
}
