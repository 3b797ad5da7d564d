package io.atoll.daemon.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A JVM that commits until it is killed. It prints a number after each commit that returned; the
/// pipe keeps what a killed process wrote, so the parent knows exactly what was acknowledged.
public final class CrashChild {
  private CrashChild() {}

  /// Runs `main` with `arguments` and kills it with SIGKILL `life` after its first acknowledgement,
  /// unless it ends itself before.
  ///
  /// @return the last acknowledged number; -1 if none
  public static long runAndKill(Class<?> main, Duration life, Path errors, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            main.getName()));
    command.addAll(List.of(arguments));
    Process child = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try (BufferedReader acknowledged =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      long last = -1;
      String line = acknowledged.readLine();
      if (line != null) {
        Thread killer =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        if (!child.waitFor(life.toNanos(), TimeUnit.NANOSECONDS)) {
                          // Not by the Process, which would close our end of the pipe too.
                          child.toHandle().destroyForcibly();
                        }
                      } catch (InterruptedException _) {
                        child.toHandle().destroyForcibly();
                      }
                    });
        while (line != null) {
          if (line.startsWith("ack ") && line.endsWith(".")) {
            last = Long.parseLong(line.substring(4, line.length() - 1));
          }
          line = acknowledged.readLine();
        }
        killer.join();
      }
      child.waitFor();
      return last;
    } finally {
      child.destroyForcibly();
    }
  }

  /// In the child, after a commit has returned.
  public static void acknowledge(long number) {
    try {
      // One write: a kill cuts no line in two.
      System.out.write(("ack " + number + ".\n").getBytes(StandardCharsets.US_ASCII));
      System.out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// In the child: ends the process at the n-th passing of a point, without any cleaning up.
  ///
  /// @param point name of a `CommitPoint`; `none` = never
  public static Consumer<CommitPoint> haltAt(String point, int passing) {
    int[] passed = {0};
    return at -> {
      if (at.name().equals(point) && ++passed[0] == passing) {
        Runtime.getRuntime().halt(137);
      }
    };
  }
}
