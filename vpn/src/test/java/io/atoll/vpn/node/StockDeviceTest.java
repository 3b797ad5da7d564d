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

/// Stock WireGuard with the configuration that is printed, in a namespace of its own
/// (`src/test/sh/device.sh` draws them). What is done there is in `StockDevice`.
@Tag("real")
@Timeout(120)
class StockDeviceTest {
  @TempDir private Path folder;

  @Test
  void aStockClientJoinsFromThePrintedConfiguration() throws Exception {
    OwnNetwork.require(
        "command -v wireguard-go && command -v wg-quick && command -v curl && command -v ping"
            + " && ip tuntap add dev t0 mode tun",
        "a stock client needs wireguard-go, wg-quick, curl, ping and /dev/net/tun (apt:"
            + " wireguard-go wireguard-tools curl iputils-ping), and a system that lets users make"
            + " namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString()));
    List<String> java = OwnNetwork.java(StockDevice.class);
    words.addAll(java.subList(0, 1));
    words.add("--enable-native-access=ALL-UNNAMED");
    words.addAll(java.subList(1, java.size()));
    String said =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(90), "device.sh", words);
    System.out.println(said);
    assertThat(said.lines())
        .containsSubsequence(
            "good: ping, IPv4",
            "good: ping, IPv6",
            "good: TCP, IPv4",
            "good: TCP, IPv6",
            "good: names",
            "good: names over IPv6",
            "good: UDP",
            "good: and back",
            "good: MTU 576 on the way, IPv4",
            "good: MTU 576 on the way, IPv6",
            "good: MTU 576 on the way, long echo",
            "done");
  }
}
