package io.atoll.daemon.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One daemon of the demo: a process started as `atoll up` starts it, ended with the demo.
final class DemoDaemon implements AutoCloseable {
  private final String name;
  private final Path dataDir;
  private final Process process;
  private final JsonNode bound;

  private DemoDaemon(String name, Path dataDir, Process process, JsonNode bound) {
    this.name = name;
    this.dataDir = dataDir;
    this.process = process;
    this.bound = bound;
  }

  /// Starts it and waits until it says what it bound.
  ///
  /// @param arguments of `atoll up`
  static DemoDaemon start(String name, Path dataDir, List<String> arguments) {
    Path log = dataDir.resolveSibling(name + ".log");
    List<String> command = new ArrayList<>(launcher());
    command.addAll(List.of("up", "-o", "json", "--name", name));
    command.addAll(List.of("--data-dir", dataDir.toString()));
    // A demonstration is shown on a busy machine too.
    command.addAll(List.of("--busy-cpu", "100", "--busy-memory", "100", "--busy-disk", "100"));
    command.addAll(List.of("--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/0"));
    command.addAll(arguments);
    try {
      Files.createDirectories(dataDir);
      Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      process.getOutputStream().close();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      if (line == null) {
        throw new IOException("it ended; its last words: " + lastLine(log));
      }
      return new DemoDaemon(name, dataDir, process, Json.mapper().readTree(line));
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.START_FAILED,
          "the daemon '" + name + "' did not start: " + e.getMessage(),
          "its log is " + log,
          e);
    }
  }

  /// The words that start another `atoll` of the same build.
  private static List<String> launcher() {
    String launcher = System.getProperty("atoll.launcher");
    if (launcher != null) {
      return List.of(launcher);
    }
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "--enable-native-access=ALL-UNNAMED",
        "-Datoll.supervisor=" + System.getProperty("atoll.supervisor", ""),
        "-cp",
        System.getProperty("java.class.path"),
        "io.atoll.daemon.Main");
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "none" : lines.getLast();
  }

  String api() {
    return bound.get("api").asText();
  }

  String peerId() {
    return bound.get("peerId").asText();
  }

  Path dataDir() {
    return dataDir;
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
