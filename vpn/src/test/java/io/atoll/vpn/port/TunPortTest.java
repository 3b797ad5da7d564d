package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// TUN devices in a network namespace that this test makes.
@Tag("real")
class TunPortTest {
  static final String MISSING =
      "TUN devices need unshare and ip (apt: util-linux iproute2), /dev/net/tun, and a system that"
          + " lets users make namespaces";

  @TempDir private Path folder;

  @Test
  void theContractHolds() throws Exception {
    OwnNetwork.require("ip tuntap add dev t0 mode tun", MISSING);
    List<String> words = new ArrayList<>(OwnNetwork.java(SuiteInNamespace.class));
    words.add(TunPortSuite.class.getName());
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(60), "forwarding.sh", words);
    assertThat(said).contains("of 27 tests failed: 0");
  }
}
