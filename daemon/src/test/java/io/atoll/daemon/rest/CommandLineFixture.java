package io.atoll.daemon.rest;

import io.atoll.client.cli.Cli;
import io.atoll.client.cli.Interrupts;
import io.atoll.client.cli.Terminal;
import io.atoll.client.config.Places;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.TaskId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// Command lines run in this process against a served hub in memory, found by a data folder as a
/// daemon would fill it.
final class CommandLineFixture implements AutoCloseable {
  final ServedHub served = new ServedHub();
  final MemoryHub hub = served.hub;
  final Path folder = Files.createTempDirectory("atoll-cli-test");
  final Path dataDir = Files.createDirectories(folder.resolve("data"));
  private final List<Runnable> interrupts = new CopyOnWriteArrayList<>();

  CommandLineFixture() throws IOException {
    publish();
    Files.writeString(dataDir.resolve("cli.key"), MemoryHub.SECRET + "\n");
  }

  void publish() throws IOException {
    Files.writeString(dataDir.resolve("api"), served.server.uri() + "\n");
  }

  record Result(int status, byte[] outBytes, String err) {
    String out() {
      return new String(outBytes, StandardCharsets.UTF_8);
    }
  }

  Result run(String... arguments) {
    return run(Map.of("ATOLL_DATA_DIR", dataDir.toString()), arguments);
  }

  Result run(Map<String, String> environment, String... arguments) {
    return run(environment, new ByteArrayOutputStream(), arguments);
  }

  private Result run(
      Map<String, String> environment, ByteArrayOutputStream out, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            out, new PrintStream(err, true, StandardCharsets.UTF_8), environment, false, false);
    Places places =
        new Places(
            folder.resolve("config/atoll/config.properties"),
            folder.resolve("default-data"),
            folder.resolve(".env"));
    Interrupts handler =
        action -> {
          interrupts.add(action);
          return () -> interrupts.remove(action);
        };
    int status = new Cli(terminal, places, handler).run(arguments);
    return new Result(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
  }

  CompletableFuture<Result> start(String... arguments) {
    return CompletableFuture.supplyAsync(
        () -> run(arguments), task -> Thread.ofPlatform().daemon().start(task));
  }

  /// A command that stays, and what it has printed so far.
  record Staying(CompletableFuture<Result> end, ByteArrayOutputStream outBytes) {
    String out() {
      return outBytes.toString(StandardCharsets.UTF_8);
    }
  }

  Staying stay(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, String> environment = Map.of("ATOLL_DATA_DIR", dataDir.toString());
    return new Staying(
        CompletableFuture.supplyAsync(
            () -> run(environment, out, arguments),
            task -> Thread.ofPlatform().daemon().start(task)),
        out);
  }

  /// Ctrl-C.
  void interrupt() {
    interrupts.forEach(Runnable::run);
  }

  boolean listensForInterrupts() {
    return !interrupts.isEmpty();
  }

  /// Tasks run as the words after `play` say: `out:TEXT`, `err:TEXT`, `exit:CODE`.
  void playCommands() {
    hub.script = CommandLineFixture::play;
  }

  private static void play(MemoryHub hub, TaskId id) {
    hub.place(id);
    for (String word : hub.specOf(id).workload().command()) {
      if (word.startsWith("out:")) {
        hub.print(id, word.substring(4) + "\n");
      } else if (word.startsWith("err:")) {
        hub.write(
            id,
            OutputChunk.Stream.STDERR,
            (word.substring(4) + "\n").getBytes(StandardCharsets.UTF_8));
      } else if (word.startsWith("exit:")) {
        hub.exit(id, Integer.parseInt(word.substring(5)), null);
      }
    }
  }

  @Override
  public void close() {
    served.close();
    try {
      FolderRemoval.remove(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
