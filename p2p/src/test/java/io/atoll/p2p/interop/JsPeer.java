package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atoll.core.testing.NodePackages;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// js-libp2p in a process of its own, obeying commands (`src/test/js/*.mjs`).
final class JsPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  JsPeer() throws IOException, InterruptedException {
    this("peer.mjs");
  }

  /// Obeying the commands of another script beside it.
  JsPeer(String script) throws IOException, InterruptedException {
    install();
    process =
        new ProcessBuilder("node", script)
            .directory(NodePackages.BUILT.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    commands = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Where our own host listens, so that a peer with that stack can dial it.
  static String listenAddress(String stack) {
    return switch (stack.split("-")[0]) {
      case "tcp" -> "/ip4/127.0.0.1/tcp/0";
      case "ws" -> "/ip4/127.0.0.1/tcp/0/ws";
      case "quic" -> "/ip4/127.0.0.1/udp/0/quic-v1";
      default -> throw new IllegalArgumentException("no stack is called " + stack);
    };
  }

  JsonNode start(boolean listen) throws Exception {
    return call("start", "listen", listen);
  }

  JsonNode start(boolean listen, String stack) throws Exception {
    return call("start", "listen", listen, "stack", stack);
  }

  /// @param psk the key file of a private network
  JsonNode start(boolean listen, String stack, String psk) throws Exception {
    return call("start", "listen", listen, "stack", stack, "psk", psk);
  }

  /// Sends a command with its arguments, name by name, and waits for the answer.
  JsonNode call(String command, Object... arguments) throws Exception {
    return callLater(command, arguments).get(60, TimeUnit.SECONDS);
  }

  CompletableFuture<JsonNode> callLater(String command, Object... arguments) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("do", command);
    for (int i = 0; i < arguments.length; i += 2) {
      line.put((String) arguments[i], arguments[i + 1]);
    }
    commands.write(JSON.writeValueAsString(line) + "\n");
    commands.flush();
    var result = new CompletableFuture<JsonNode>();
    Thread.startVirtualThread(
        () -> {
          try {
            String answer = answers.readLine();
            if (answer == null) {
              throw new IOException("js peer ended during " + command);
            }
            JsonNode node = JSON.readTree(answer);
            if (node.has("failed")) {
              throw new IOException("js peer, " + command + ": " + node.get("failed").asText());
            }
            result.complete(node);
          } catch (IOException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    commands.close();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  static void install() throws IOException, InterruptedException {
    // Not `npm ci`: it wants native parts of other platforms in the lock, which are not installed.
    NodePackages.install(
        "js-libp2p needs Node 20 or newer with npm (apt: nodejs npm)", "install", "--no-save");
  }
}
