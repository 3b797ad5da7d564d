package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A packet costs no garbage once the way is warm.
class SteadyStateTest {
  private static final int WINDOWS = 12;

  /// Of threads that carry packets, in a window of a million: nothing, but for what the compiler
  /// leaves behind where it gives up code that it had made.
  private static final long CARRYING = 1_000;

  /// Of threads that keep ways and sessions, in a second, for each way in use: probes and their
  /// answers, timers. It does not depend on how many packets there are.
  private static final long KEEPING = 4_000;

  /// Each of three nodes has a way to two others.
  private static final int WAYS = 6;

  private record Window(long packets, long nanos, long carrying, long keeping) {
    static Window of(String line) {
      String[] words = line.split(" ");
      return new Window(
          Long.parseLong(words[1]),
          Long.parseLong(words[2]),
          Long.parseLong(words[3]),
          Long.parseLong(words[4]));
    }

    double keepingEachSecond() {
      return keeping * 1e9 / nanos / WAYS;
    }

    boolean flat() {
      return carrying <= CARRYING && keepingEachSecond() <= KEEPING;
    }
  }

  /// In a process of its own, with the flags of the daemon: the tests' own compiler makes objects
  /// where the real one makes none. Until code is compiled there is garbage, so there is more than
  /// one window; were there a byte for each batch, no window would pass.
  @Test
  @Timeout(300)
  void noGarbageForAPacket() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xmx256m",
                "-XX:ReservedCodeCacheSize=48m",
                "-XX:MaxInlineLevel=25",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SteadyState.class.getName(),
                Integer.toString(WINDOWS))
            .redirectErrorStream(true)
            .start();
    List<String> said = new ArrayList<>();
    Window last = null;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (line.startsWith("window ")) {
          last = Window.of(line);
          if (last.flat()) {
            break;
          }
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assumeTrue(
        said.stream().anyMatch(line -> line.contains("libcrypto")),
        () -> "libcrypto is not here: " + said);
    assertThat(last).as(String.join("\n", said)).isNotNull();
    System.out.printf(
        "%d packets: %d bytes of garbage by those who carry them; %.0f a second for each way%n",
        last.packets(), last.carrying(), last.keepingEachSecond());
    assertThat(last.flat()).as(String.join("\n", said)).isTrue();
  }
}
