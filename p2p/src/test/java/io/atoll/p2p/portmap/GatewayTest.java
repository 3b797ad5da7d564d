package io.atoll.p2p.portmap;

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

/// miniupnpd is the witness: a real gateway in a network that this test makes
/// (`src/test/sh/portmap.sh` draws it). Nothing leaves the machine, and no rights are needed but
/// those to make namespaces.
@Tag("real")
@Timeout(90)
class GatewayTest {
  private static final List<String> NAMESPACES =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork");
  @TempDir private Path folder;

  @Test
  void portsAreMappedByEachProtocolReachedFromOutsideAndTakenBack() throws Exception {
    List<String> probe = new ArrayList<>(NAMESPACES);
    probe.addAll(
        List.of(
            "sh", "-c", "ip link add d0 type veth && nft list ruleset && command -v miniupnpd"));
    if (!runs(probe)) {
      throw new TestAbortedException(
          "a gateway needs unshare, ip, nft and miniupnpd (apt: util-linux iproute2 nftables"
              + " miniupnpd-nftables), and a system that lets users make namespaces");
    }
    List<String> command = new ArrayList<>(NAMESPACES);
    command.addAll(
        List.of(
            "--kill-child",
            "--mount-proc",
            "sh",
            Path.of("src/test/sh/portmap.sh").toAbsolutePath().toString(),
            folder.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            PortMapPeer.class.getName()));
    String text = run(command);
    assertThat(text).contains("gateway 10.1.0.1").doesNotContain("Exception");
    for (String by : List.of("PCP", "NAT-PMP", "UPnP")) {
      assertThat(text.lines())
          .as(text)
          .contains(
              by + " tcp 5.5.5.1",
              by + " lifetime 600",
              by + " outside hello 5.5.5.2",
              by + " rules there",
              by + " renewed true",
              by + " after close gone",
              by + " outside then ");
    }
    assertThat(text).contains("UPnP for port 22: NotMapped[cause=REFUSED");
    assertThat(text).contains("all 7464", "all after close gone");
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

  private static boolean runs(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }
}
