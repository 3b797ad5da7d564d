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

/// Two network namespaces that this test makes, and the kernel as the judge.
@Tag("real")
class TunLabTest {
  @TempDir private Path folder;

  @Test
  void theKernelTakesWhatWeMakeOfItsPackets() throws Exception {
    OwnNetwork.require("ip tuntap add dev t0 mode tun", TunPortTest.MISSING);
    List<String> words = new ArrayList<>(List.of("a b"));
    words.addAll(OwnNetwork.java(SuiteInNamespace.class));
    words.add(TunLabSuite.class.getName());
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(90), "namespaces.sh", words);
    assertThat(said).contains("of 6 tests failed: 0");
  }
}
