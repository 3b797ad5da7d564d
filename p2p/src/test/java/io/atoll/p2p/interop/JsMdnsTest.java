package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// js-libp2p and ours find each other by mDNS, on the real port, in a network that this test makes
/// (`src/test/sh/mdns.sh`): what the machine's own network says does not disturb it.
@Tag("real")
@Timeout(90)
class JsMdnsTest {
  @TempDir private Path folder;

  @Test
  void bothSidesFindAndDialEachOtherUnderOneTagOnly() throws Exception {
    JsPeer.install();
    OwnNetwork.require(
        "ip link add d0 type veth",
        "a network of its own needs unshare and ip (apt: util-linux iproute2), and a system that"
            + " lets users make namespaces");
    String text =
        OwnNetwork.run(
            folder.resolve("said"),
            Duration.ofSeconds(75),
            "mdns.sh",
            OwnNetwork.java(MdnsPeer.class));
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
}
