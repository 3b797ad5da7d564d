package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two daemons' networks as they are by default, on a network of their own with a real gateway
/// (miniupnpd): nobody named anybody.
@Tag("real")
@Timeout(90)
class AroundTest {
  @TempDir private Path folder;

  @Test
  void neighboursMeetAndTheGatewayLetsOthersIn() throws Exception {
    OwnNetwork.require(
        "ip link add d0 type veth && nft list ruleset && command -v miniupnpd",
        "a gateway needs unshare, ip, nft and miniupnpd (apt: util-linux iproute2 nftables"
            + " miniupnpd-nftables), and a system that lets users make namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString()));
    words.addAll(OwnNetwork.java(AroundPeers.class));
    words.add(folder.toString());
    String script =
        Path.of("../p2p/src/test/sh/portmap.sh").toAbsolutePath().normalize().toString();
    String text = OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(75), script, words);
    assertThat(text.lines())
        .as(text)
        .contains(
            "neighbours met",
            "mapped 2 by PCP",
            "the other heard of it",
            "taken back true",
            "stopped in time true");
  }
}
