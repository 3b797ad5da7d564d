package io.atoll.vpn.node;

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

/// Two nodes behind NATs of their own, and a relay that both can reach, in namespaces that this
/// test makes (`src/test/sh/paths.sh` draws them). A connection of TCP inside the network goes on
/// all the while: not a byte of it is lost.
@Tag("real")
@Timeout(300)
class PathsThroughNatTest {
  @TempDir private Path folder;

  private String run(String kind) throws Exception {
    OwnNetwork.require(
        "ip link add d0 type bridge && nft list ruleset",
        "namespaces with NATs need unshare, ip and nft (apt: util-linux iproute2 nftables),"
            + " and a system that lets users make namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString(), kind));
    List<String> java = OwnNetwork.java(PathPeer.class);
    words.addAll(java.subList(0, 1));
    words.add("--enable-native-access=ALL-UNNAMED");
    words.addAll(java.subList(1, java.size()));
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(240), "paths.sh", words);
    System.out.println(said);
    return said;
  }

  @Test
  void holesArePunchedAndWhatFailsIsReplaced() throws Exception {
    assertThat(run("usual").lines())
        .containsSubsequence(
            "good: a hole leads through both NATs",
            "good: the direct way is cut, and the relay carries",
            "good: it is open again, and carries",
            "good: the other's address is another, and packets arrive",
            "good: the way to the new address is found",
            "whole");
  }

  @Test
  void hardNatsNeedARelayAndNoUdpIsNeededForThat() throws Exception {
    assertThat(run("hard").lines())
        .containsSubsequence(
            "good: no hole, so the relay carries",
            "good: without UDP the relay is reached over its connection",
            "whole");
  }
}
