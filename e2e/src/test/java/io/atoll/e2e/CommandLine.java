package io.atoll.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Commands run as processes, as a user runs them.
///
/// @param java the words that start a JVM with the program's class path
/// @param environment besides the system's folders of programs
record CommandLine(List<String> java, Map<String, String> environment) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static CommandLine ofThisUser(Path home) {
    return new CommandLine(DaemonProcess.java(), Map.of("HOME", home.toString()));
  }

  record Result(int status, String out, String err, Duration took) {
    JsonNode json() {
      try {
        return Json.mapper().readTree(out);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + out + err, e);
      }
    }

    /// The one thing that was asked for.
    String word() {
      return out.strip();
    }
  }

  CommandLine with(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new CommandLine(java, more);
  }

  Process start(String... arguments) throws IOException {
    return builder(arguments).start();
  }

  /// With its streams in files, for commands that nobody reads while they run.
  Process start(Path out, Path errors, String... arguments) throws IOException {
    return builder(arguments)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(out.toFile())
        .redirectError(errors.toFile())
        .start();
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>(java);
    command.add("io.atoll.daemon.Main");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    return builder;
  }

  Result run(String... arguments) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Process process = start(arguments);
    process.getOutputStream().close();
    CompletableFuture<String> out = text(process.getInputStream());
    CompletableFuture<String> err = text(process.getErrorStream());
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(List.of(arguments) + " did not end: " + out.join() + err.join());
    }
    return new Result(
        process.exitValue(), out.join(), err.join(), Duration.ofNanos(System.nanoTime() - began));
  }

  private static CompletableFuture<String> text(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "";
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}
