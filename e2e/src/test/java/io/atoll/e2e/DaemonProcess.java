package io.atoll.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One daemon as a process, started as `atoll up -o json` starts it, that a test may kill.
final class DaemonProcess implements AutoCloseable {
  /// Where the launcher and the supervisor are.
  static final Path ROOT = Path.of(System.getProperty("atoll.root", "..")).toAbsolutePath();

  private final Path dataDir;
  private final List<String> arguments;
  private final List<String> inside;
  private @Nullable Process process;
  private @Nullable JsonNode bound;

  /// @param arguments of `up`, besides the data folder
  DaemonProcess(Path dataDir, List<String> arguments) {
    this(dataDir, arguments, List.of());
  }

  /// @param inside the words before the command, such as those that lead into a namespace; whatever
  ///     they start becomes the daemon itself
  DaemonProcess(Path dataDir, List<String> arguments, List<String> inside) {
    this.dataDir = dataDir;
    this.arguments = List.copyOf(arguments);
    this.inside = List.copyOf(inside);
  }

  /// Starts it and waits until it says what it bound.
  DaemonProcess start(String... jvmOptions) throws IOException {
    return start(60, jvmOptions);
  }

  DaemonProcess start(int seconds, String... jvmOptions) throws IOException {
    List<String> command = new ArrayList<>(inside);
    command.addAll(java());
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("io.atoll.daemon.Main", "up", "-o", "json", "--data-dir"));
    command.add(dataDir.toString());
    command.addAll(arguments);
    Files.createDirectories(dataDir);
    Path log = dataDir.resolveSibling(dataDir.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // The machine that tests run on is busy with other tests; whoever tests this says it by flag.
    for (String busy : List.of("CPU", "MEMORY", "DISK")) {
      builder.environment().put("ATOLL_BUSY_" + busy, "100");
    }
    // What stands around this machine is no part of a test; whoever tests this says it by flag.
    builder.environment().put("ATOLL_P2P_MDNS", "false");
    builder.environment().put("ATOLL_P2P_PORTMAP", "false");
    Process started = builder.start();
    process = started;
    CompletableFuture<@Nullable String> line =
        CompletableFuture.supplyAsync(() -> firstLine(started));
    try {
      String first = line.get(seconds, TimeUnit.SECONDS);
      if (first == null) {
        throw new IOException("the daemon ended before it was ready:\n" + Files.readString(log));
      }
      bound = Json.mapper().readTree(first);
    } catch (TimeoutException e) {
      String doing = threads(started.pid());
      started.destroyForcibly();
      throw new IOException(
          "the daemon did not come up in " + seconds + " s:\n" + end(log) + "\n" + doing, e);
    } catch (InterruptedException | ExecutionException e) {
      started.destroyForcibly();
      throw new IOException("the daemon did not come up; its log is " + log, e);
    }
    return this;
  }

  private static String end(Path log) throws IOException {
    String said = Files.readString(log);
    return said.substring(Math.max(0, said.length() - 4000));
  }

  /// What the threads of a daemon are doing, the virtual ones, too.
  private static String threads(long pid) throws IOException {
    Path dump = Files.createTempFile("atoll-threads", ".txt");
    Files.delete(dump); // it is made by the daemon
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  String.valueOf(pid),
                  "Thread.dump_to_file",
                  dump.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!jcmd.waitFor(20, TimeUnit.SECONDS)) {
        jcmd.destroyForcibly();
      }
      return Files.exists(dump) ? Files.readString(dump) : "it gives no thread dump";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted while its threads were dumped";
    } finally {
      Files.deleteIfExists(dump);
    }
  }

  /// A JVM with this test's class path, small as the launcher makes it.
  static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "--enable-native-access=ALL-UNNAMED",
        "-Datoll.supervisor=" + System.getProperty("atoll.supervisor", supervisor().toString()),
        "-Datoll.guest=" + ROOT.resolve(".build/guest"),
        "-cp",
        classPath());
  }

  /// This test's own; a later `-cp` among the options of `start` takes its place.
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  static Path supervisor() {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    return ROOT.resolve("supervisor/build/" + arch + "/atoll-supervisor");
  }

  private static @Nullable String firstLine(Process process) {
    try {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      return out.readLine();
    } catch (IOException e) {
      return null;
    }
  }

  JsonNode bound() {
    if (bound == null) {
      throw new IllegalStateException("not started");
    }
    return bound;
  }

  Path dataDir() {
    return dataDir;
  }

  Path log() {
    return dataDir.resolveSibling(dataDir.getFileName() + ".log");
  }

  String api() {
    return bound().get("api").asText();
  }

  String key() throws IOException {
    return Files.readString(dataDir.resolve("cli.key")).strip();
  }

  long pid() {
    return process == null ? -1 : process.pid();
  }

  boolean alive() {
    return process != null && process.isAlive();
  }

  /// Ends it as the kernel does: nothing is flushed, nobody is told.
  void kill9() {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Lets it do nothing at all until `thaw`.
  void freeze() throws IOException {
    signal("STOP");
  }

  void thaw() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    try {
      int status = new ProcessBuilder("kill", "-" + name, "" + pid()).start().waitFor();
      if (status != 0) {
        throw new IOException("kill -" + name + " " + pid() + " ended with " + status);
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted before the daemon got " + name);
    }
  }

  /// Waits for it to end by itself.
  boolean awaitEnd(int seconds) throws InterruptedException {
    return process == null || process.waitFor(seconds, TimeUnit.SECONDS);
  }

  /// Exit status of one that has ended.
  int exitValue() {
    return process == null ? -1 : process.exitValue();
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          kill9();
        }
      } catch (InterruptedException e) {
        kill9();
        Thread.currentThread().interrupt();
      }
    }
  }
}
