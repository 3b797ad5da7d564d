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

/// A small process in a network namespace opens a device and hands it out.
@Tag("real")
class PassedTunTest {
  @TempDir private Path folder;

  @Test
  void devicesComeFromOtherNamespaces() throws Exception {
    OwnNetwork.require("ip tuntap add dev t0 mode tun && cc --version", TunPortTest.MISSING);
    List<String> words = new ArrayList<>(List.of("a"));
    words.addAll(OwnNetwork.java(SuiteInNamespace.class));
    words.add(PassedTunSuite.class.getName());
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(60), "namespaces.sh", words);
    assertThat(said).contains("of 2 tests failed: 0");
  }
}
