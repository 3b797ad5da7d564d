package io.atoll.vpn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import io.atoll.vpn.port.SuiteInNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Puts [KernelSuite] where there is a network namespace with the system's own TCP.
@Tag("real")
class KernelTest {
  @TempDir private Path folder;

  @Test
  void theSystemUnderstandsTheStackAndIsUnderstood() throws Exception {
    OwnNetwork.require(
        "ip tuntap add dev t0 mode tun && curl --version",
        "the stack is tried with the system's TCP in a namespace of its own, which needs unshare,"
            + " ip and curl (apt: util-linux iproute2 curl), and /dev/net/tun");
    List<String> words = new ArrayList<>(List.of("b"));
    words.addAll(OwnNetwork.java(SuiteInNamespace.class));
    words.add(KernelSuite.class.getName());
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(90), "namespaces.sh", words);
    assertThat(said).contains("of 8 tests failed: 0");
  }
}
