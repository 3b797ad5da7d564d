package io.atoll.p2p.holepunch;

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

/// Two peers behind two NATs that let nothing in get a direct connection: three processes in
/// namespaces that this test makes (`src/test/sh/nat.sh` draws them). Nothing leaves the machine,
/// and no rights are needed but those to make namespaces.
@Tag("real")
@Timeout(150)
class NatTest {
  private static final List<String> NAMESPACES =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork");
  @TempDir private Path folder;

  @Test
  void aHoleLeadsThroughTwoNats() throws Exception {
    List<String> probe = new ArrayList<>(NAMESPACES);
    probe.addAll(List.of("sh", "-c", "ip link add d0 type bridge && nft list ruleset"));
    if (!runs(probe)) {
      throw new TestAbortedException(
          "namespaces with NATs need unshare, ip and nft (apt: util-linux iproute2 nftables),"
              + " and a system that lets users make namespaces");
    }
    List<String> command = new ArrayList<>(NAMESPACES);
    command.addAll(
        List.of(
            "--kill-child",
            "--mount-proc",
            "sh",
            Path.of("src/test/sh/nat.sh").toAbsolutePath().toString(),
            folder.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            NatPeer.class.getName()));
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said);
    assertThat(text).contains("relayed /ip4/203.0.113.1/tcp/7464/p2p/");
    // Whoever dialled over the relay is the initiator, and the other is where its NAT is.
    assertThat(text).contains("direct /ip4/203.0.113.3/tcp/7464 INITIATOR").contains("pinged");
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
