package io.atoll.vpn.wireguard;

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

/// This engine and stock wireguard-go, in two namespaces (`src/test/sh/wireguard.sh` draws them).
/// What is done there, and in which order, is in `StockPeer`, which prints a line for each.
@Tag("real")
@Timeout(150)
class StockWireGuardTest {
  @TempDir private Path folder;

  @Test
  void weAreOneAnothersPeers() throws Exception {
    OwnNetwork.require(
        "command -v wireguard-go && command -v wg && ip tuntap add dev t0 mode tun",
        "stock WireGuard needs wireguard-go, wg and /dev/net/tun (apt: wireguard-go"
            + " wireguard-tools), and a system that lets users make namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString()));
    List<String> java = OwnNetwork.java(StockPeer.class);
    words.addAll(java.subList(0, 1));
    words.add("--enable-native-access=ALL-UNNAMED");
    words.addAll(java.subList(1, java.size()));
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(120), "wireguard.sh", words);
    System.out.println(said);
    assertThat(said.lines())
        .containsSubsequence(
            "good: we begin, IPv4",
            "good: IPv6 inside",
            "good: they begin",
            "good: pre-shared key",
            "good: another pre-shared key is refused",
            "good: new keys under load",
            "good: we move",
            "good: they move",
            "good: IPv6 outside",
            "good: they ask for a cookie under a flood",
            "good: we ask for a cookie under a flood, with 200 networks",
            "done");
  }
}
