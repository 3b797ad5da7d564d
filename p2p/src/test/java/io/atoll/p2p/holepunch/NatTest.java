package io.atoll.p2p.holepunch;

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

/// Two peers behind two NATs that let nothing in get a direct connection: three processes in
/// namespaces that this test makes (`src/test/sh/nat.sh` draws them). Nothing leaves the machine,
/// and no rights are needed but those to make namespaces.
@Tag("real")
@Timeout(150)
class NatTest {
  @TempDir private Path folder;

  @Test
  void aHoleLeadsThroughTwoNats() throws Exception {
    OwnNetwork.require(
        "ip link add d0 type bridge && nft list ruleset",
        "namespaces with NATs need unshare, ip and nft (apt: util-linux iproute2 nftables),"
            + " and a system that lets users make namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString()));
    words.addAll(OwnNetwork.java(NatPeer.class));
    String text = OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(120), "nat.sh", words);
    assertThat(text).contains("relayed /ip4/203.0.113.1/tcp/7464/p2p/");
    // Whoever dialled over the relay is the initiator, and the other is where its NAT is.
    assertThat(text).contains("direct /ip4/203.0.113.3/tcp/7464 INITIATOR").contains("pinged");
  }
}
