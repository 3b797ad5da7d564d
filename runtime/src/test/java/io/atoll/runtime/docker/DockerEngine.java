package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A Docker engine of the tests' own: data, sockets and pid file in a temporary folder, no packet
/// filter rules. One per network and JVM, started for the first test class that asks, ended with
/// the JVM; a second start on the same data is `restart`.
///
/// `NO_NETWORK` has no bridge. `BRIDGE` has one, and publishes ports by Docker's proxy.
///
/// A test that cannot have its engine fails; it is not skipped.
public final class DockerEngine implements BeforeAllCallback {
  public enum Network {
    NO_NETWORK,
    BRIDGE,
    /// No network either; containers go on while the engine is down.
    LIVE_RESTORE
  }

  private static final DockerEngine[] ENGINES = {
    new DockerEngine(Network.NO_NETWORK),
    new DockerEngine(Network.BRIDGE),
    new DockerEngine(Network.LIVE_RESTORE)
  };

  private final Network network;
  private Path folder;
  private Process process;
  private String bridge;

  private DockerEngine(Network network) {
    this.network = network;
  }

  public static DockerEngine withoutNetwork() {
    return ENGINES[0];
  }

  public static DockerEngine withBridge() {
    return ENGINES[1];
  }

  public static DockerEngine withLiveRestore() {
    return ENGINES[2];
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    start();
  }

  public synchronized void start() throws IOException {
    if (process != null && process.isAlive()) {
      return;
    }
    TestPackages.program("containerd", "containerd");
    Path dockerd = TestPackages.program("dockerd", "docker.io");
    if (folder == null) {
      folder = Files.createTempDirectory("atoll-docker");
      Runtime.getRuntime().addShutdownHook(new Thread(this::end));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                dockerd.toString(),
                "--data-root",
                folder.resolve("data").toString(),
                "--exec-root",
                folder.resolve("exec").toString(),
                "--pidfile",
                folder.resolve("pid").toString(),
                "--host",
                address().toString(),
                "--iptables=false",
                "--ip6tables=false",
                "--ip-masq=false",
                "--ip-forward=false"));
    if (network == Network.BRIDGE) {
      command.addAll(List.of("--bridge", bridge()));
    } else {
      command.addAll(List.of("--bridge", "none"));
    }
    if (network == Network.LIVE_RESTORE) {
      command.add("--live-restore");
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().remove("DOCKER_HOST");
    process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("dockerd.log").toFile()))
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "dockerd did not start:\n"
                + Files.readAllLines(folder.resolve("dockerd.log")).reversed().stream()
                    .limit(15)
                    .toList());
      }
      try (Engine engine = new Engine(address())) {
        engine.get("/_ping", java.time.Duration.ofSeconds(2));
        return;
      } catch (EngineException e) {
        pause();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  /// A bridge of our own, so that no engine that is here already is disturbed.
  private String bridge() throws IOException {
    if (bridge == null) {
      String name = "atoll" + Long.toString(System.nanoTime() & 0xfffff, 36);
      int net = 16 + (int) (System.nanoTime() >>> 8 & 0x7f);
      execute(List.of("ip", "link", "add", name, "type", "bridge"));
      execute(List.of("ip", "addr", "add", "10.213." + net + ".1/24", "dev", name));
      execute(List.of("ip", "link", "set", name, "up"));
      bridge = name;
    }
    return bridge;
  }

  public URI address() {
    return URI.create("unix://" + folder.resolve("socket"));
  }

  /// Ends the engine at once, as a crash would; its containers stay for the next start to find.
  public synchronized void kill() {
    process.destroyForcibly();
    join();
  }

  /// Ends the engine politely, as an upgrade does.
  public synchronized void stop() {
    process.destroy();
    join();
  }

  /// Starts it again on the data it had.
  public synchronized void restart() throws IOException {
    // Its containerd died with it. Where nobody reaps what is orphaned, its pid looks alive.
    Files.deleteIfExists(folder.resolve("exec/containerd/containerd.pid"));
    start();
  }

  /// The engine's process.
  public Process process() {
    return process;
  }

  private void join() {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("dockerd does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs the docker client against this engine; its output.
  public String docker(String... arguments) throws IOException {
    return execute(client(arguments));
  }

  /// As `docker`, with something on its input.
  public String dockerWithInput(Path input, String... arguments) throws IOException {
    return execute(client(arguments), ProcessBuilder.Redirect.from(input.toFile()));
  }

  /// The words that run the docker client against this engine.
  public List<String> client(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(TestPackages.program("docker", "docker.io").toString());
    command.addAll(List.of("--host", address().toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private static String execute(List<String> command) throws IOException {
    return execute(command, ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
  }

  private static String execute(List<String> command, ProcessBuilder.Redirect input)
      throws IOException {
    Path errors = Files.createTempFile("atoll-docker", ".err");
    try {
      Process client =
          new ProcessBuilder(command).redirectInput(input).redirectError(errors.toFile()).start();
      String text;
      try (InputStream out = client.getInputStream()) {
        text = new String(out.readAllBytes(), UTF_8);
      }
      int code = client.waitFor();
      if (code != 0) {
        throw new IOException(
            String.join(" ", command) + " exited with " + code + ": " + Files.readString(errors));
      }
      return text.strip();
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /// Ends it, its containers and its bridge, and removes its folder.
  private void end() {
    try {
      if (process != null && process.isAlive()) {
        String all = docker("ps", "-aq");
        if (!all.isEmpty()) {
          docker(concat(new String[] {"rm", "-f"}, all.split("\\s+")));
        }
        process.destroy();
        join();
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("the tests' engine was not put away: " + e);
    }
    try {
      if (bridge != null) {
        execute(List.of("ip", "link", "del", bridge));
      }
      execute(List.of("rm", "-rf", folder.toRealPath(LinkOption.NOFOLLOW_LINKS).toString()));
    } catch (IOException e) {
      System.err.println("the tests' engine left something behind: " + e.getMessage());
    }
  }

  private static String[] concat(String[] a, String[] b) {
    String[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
