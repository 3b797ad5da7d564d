package io.atoll.core.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/// Scripts in namespaces of their own, where they are root and may make networks. All that they
/// start ends with them; nothing leaves the machine, and no rights are needed but those to make
/// namespaces.
public final class OwnNetwork {
  private static final List<String> NAMESPACES =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork");

  private OwnNetwork() {}

  /// Leaves the test out where a line of shell does not end well in such a place.
  ///
  /// @param missing what is said then
  public static void require(String line, String missing) throws InterruptedException {
    List<String> probe = new ArrayList<>(NAMESPACES);
    probe.addAll(List.of("sh", "-c", line));
    if (!Programs.run(probe.toArray(String[]::new))) {
      throw new TestAbortedException(missing);
    }
  }

  /// Runs a script of `src/test/sh`, and fails if it does not end in time.
  ///
  /// @param script its name; of another module's, the whole path
  /// @param said where it prints to
  /// @param words that the script is given
  /// @return what it printed
  public static String run(Path said, Duration limit, String script, List<String> words)
      throws IOException, InterruptedException {
    return run(said, limit, Path.of("src/test/sh").resolve(script), words);
  }

  /// As the other, with a script from anywhere.
  public static String run(Path said, Duration limit, Path script, List<String> words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(NAMESPACES);
    String path = script.toAbsolutePath().toString();
    command.addAll(List.of("--kill-child", "--mount-proc", "sh", path));
    command.addAll(words);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(script + " did not end: " + Files.readString(said));
      }
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(said);
  }

  /// The words that start a small JVM with this test's classes.
  public static List<String> java(Class<?> main) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName());
  }
}
