package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.multiformat.Multiaddr;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DialPlanTest {
  private static final String RELAY =
      "/ip4/192.168.1.9/tcp/1/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv/p2p-circuit";

  private static List<String> plan(String... addresses) {
    return DialPlan.of(Stream.of(addresses).map(Multiaddr::parse).toList()).stream()
        .map(step -> step.gap().toMillis() + " " + step.address())
        .toList();
  }

  @Test
  void nearThenFarThenRelayedAndTheTransportsInTheirOrder() {
    assertThat(
            plan(
                RELAY,
                "/dns4/a.example/tcp/4/ws",
                "/ip4/8.8.8.8/tcp/1",
                "/ip4/8.8.8.8/udp/1/quic-v1",
                "/ip4/10.0.0.1/tcp/1",
                "/ip6/fd00::1/tcp/1",
                "/ip4/127.0.0.1/udp/1/quic-v1"))
        .containsExactly(
            "0 /ip4/127.0.0.1/udp/1/quic-v1",
            "30 /ip6/fd00::1/tcp/1",
            "30 /ip4/10.0.0.1/tcp/1",
            "250 /ip4/8.8.8.8/udp/1/quic-v1",
            "250 /ip4/8.8.8.8/tcp/1",
            "250 /dns4/a.example/tcp/4/ws",
            "500 " + RELAY);
  }

  @Test
  void theVersionsOfIpTakeTurns() {
    assertThat(
            plan(
                "/ip4/8.8.8.8/tcp/1",
                "/ip4/8.8.4.4/tcp/1",
                "/ip6/2001:db8::1/tcp/1",
                "/ip6/2001:db8::2/tcp/1",
                "/ip4/8.8.8.8/tcp/1"))
        .containsExactly(
            "0 /ip6/2001:db8::1/tcp/1",
            "250 /ip4/8.8.8.8/tcp/1",
            "250 /ip6/2001:db8::2/tcp/1",
            "250 /ip4/8.8.4.4/tcp/1");
    assertThat(plan()).isEmpty();
  }
}
