package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// js-libp2p and ours find each other by mDNS, on the real port, in a network that this test makes
/// (`src/test/sh/mdns.sh`): what the machine's own network says does not disturb it.
@Tag("real")
@Timeout(90)
class JsMdnsTest {
  private static final List<String> NAMESPACES =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork");
  @TempDir private Path folder;

  @Test
  void bothSidesFindAndDialEachOtherUnderOneTagOnly() throws Exception {
    JsPeer.install();
    List<String> probe = new ArrayList<>(NAMESPACES);
    probe.addAll(List.of("ip", "link", "add", "d0", "type", "veth"));
    if (!JsPeer.runs(probe.toArray(String[]::new))) {
      throw new TestAbortedException(
          "a network of its own needs unshare and ip (apt: util-linux iproute2), and a system that"
              + " lets users make namespaces");
    }
    List<String> command = new ArrayList<>(NAMESPACES);
    command.addAll(
        List.of(
            "--kill-child",
            "--mount-proc",
            "sh",
            Path.of("src/test/sh/mdns.sh").toAbsolutePath().toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            MdnsPeer.class.getName()));
    String text = run(command);
    assertThat(text)
        .containsPattern("found js at \\[.*/ip4/10\\.77\\.0\\.1/tcp/")
        .contains("found by js at [\"/ip4/10.77.0.1/tcp/")
        .contains("strangers {} []")
        .doesNotContain("Exception");
    assertThat(text.lines().filter("pinged js true"::equals)).hasSize(2);
    assertThat(text.lines().filter("pinged by js true"::equals)).hasSize(2);
    assertThat(text.lines().filter("malformed 0, asked true"::equals)).hasSize(2);
    assertThat(text.lines().filter("malformed 0, asked false"::equals)).hasSize(1);
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(75, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(said);
  }
}
