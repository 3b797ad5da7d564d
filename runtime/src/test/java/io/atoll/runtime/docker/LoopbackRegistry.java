package io.atoll.runtime.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// An image registry on a loopback port of the system's choice, with its data in a temporary
/// folder. Engines take registries on loopback without TLS.
public final class LoopbackRegistry implements BeforeAllCallback, AfterAllCallback {
  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

  private Path folder;
  private Process process;
  private int port;
  private final String user;
  private final String password;

  public LoopbackRegistry() {
    this("", "");
  }

  /// One that wants a login.
  public LoopbackRegistry(String user, String password) {
    this.user = user;
    this.password = password;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    start();
  }

  public void start() throws IOException, InterruptedException {
    Path program = TestPackages.program("docker-registry", "docker-registry");
    folder = Files.createTempDirectory("atoll-registry");
    Path config = folder.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        storage:
          filesystem: {rootdirectory: "%s"}
          delete: {enabled: true}
        http: {addr: "127.0.0.1:0"}
        """
                .formatted(folder.resolve("data"))
            + login());
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("OTEL_TRACES_EXPORTER", "none");
    process = builder.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (port == 0) {
      Matcher matcher = LISTENING.matcher(Files.readString(log));
      if (matcher.find()) {
        port = Integer.parseInt(matcher.group(1));
      } else if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("the registry did not start:\n" + Files.readString(log));
      } else {
        Thread.sleep(50);
      }
    }
  }

  private String login() throws IOException {
    if (user.isEmpty()) {
      return "";
    }
    byte[] salt = new byte[16];
    new SecureRandom().nextBytes(salt);
    Path file = folder.resolve("htpasswd");
    Files.writeString(
        file, user + ":" + OpenBSDBCrypt.generate("2y", password.toCharArray(), salt, 5) + "\n");
    return "auth: {htpasswd: {realm: tests, path: \"" + file + "\"}}\n";
  }

  /// A name at this registry.
  public String name(String repositoryAndTag) {
    return "127.0.0.1:" + port + "/" + repositoryAndTag;
  }

  public int port() {
    return port;
  }

  /// Changes one byte of the largest thing that is stored: a layer.
  public void flipByteOfLargestBlob() throws IOException {
    Path largest;
    try (var files = Files.walk(folder.resolve("data"))) {
      largest =
          files
              .filter(file -> file.endsWith("data") && Files.isRegularFile(file))
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(largest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(largest, bytes);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    stop();
  }

  /// Ends it and removes what it kept.
  public void stop() throws IOException, InterruptedException {
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
    new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
  }
}
