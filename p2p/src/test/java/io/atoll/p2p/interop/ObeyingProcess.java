package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A process that obeys one JSON command per line, in order, answers each with one line, and ends
/// when its input ends.
class ObeyingProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENCE_SECONDS = 60;

  private final String name;
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  ObeyingProcess(String name, List<String> command, Path folder) throws IOException {
    this.name = name;
    process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    commands = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  final JsonNode start(boolean listen) throws Exception {
    return call("start", "listen", listen);
  }

  final JsonNode start(boolean listen, String stack) throws Exception {
    return call("start", "listen", listen, "stack", stack);
  }

  /// @param psk the key file of a private network
  final JsonNode start(boolean listen, String stack, String psk) throws Exception {
    return call("start", "listen", listen, "stack", stack, "psk", psk);
  }

  /// Sends a command with its arguments, name by name, and waits for the answer.
  final JsonNode call(String command, Object... arguments) throws Exception {
    return callLater(command, arguments).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  final CompletableFuture<JsonNode> callLater(String command, Object... arguments)
      throws IOException {
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
              throw new IOException(name + " ended during " + command);
            }
            JsonNode node = JSON.readTree(answer);
            if (node.has("failed")) {
              throw new IOException(name + ", " + command + ": " + node.get("failed").asText());
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
}
