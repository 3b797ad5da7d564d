package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFilterTest {
  private static final AddressFilter PUBLIC = AddressFilter.publicOnly();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/10.1.2.3/tcp/1",
        "/ip4/100.64.0.1/tcp/1",
        "/ip4/100.127.255.255/udp/1/quic-v1",
        "/ip4/169.254.1.1/tcp/1",
        "/ip4/172.16.0.1/tcp/1",
        "/ip4/172.31.255.255/tcp/1",
        "/ip4/192.168.178.1/tcp/1/ws",
        "/ip4/198.19.0.1/tcp/1",
        "/ip4/0.0.0.0/tcp/1",
        "/ip4/239.1.2.3/udp/1/quic-v1",
        "/ip4/255.255.255.255/tcp/1",
        "/ip6/fd00::1/tcp/1",
        "/ip6/fe80::1/tcp/1",
        "/ip6/::ffff:10.0.0.1/tcp/1",
      })
  void privateRangesAreDenied(String address) {
    assertThat(PUBLIC.allows(Multiaddr.parse(address))).isFalse();
    assertThat(AddressFilter.none().allows(Multiaddr.parse(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/9.255.255.255/tcp/1",
        "/ip4/11.0.0.0/tcp/1",
        "/ip4/100.63.255.255/tcp/1",
        "/ip4/100.128.0.0/tcp/1",
        "/ip4/172.15.255.255/tcp/1",
        "/ip4/172.32.0.0/tcp/1",
        "/ip4/192.167.255.255/tcp/1",
        "/ip4/223.255.255.255/tcp/1",
        "/ip4/127.0.0.1/tcp/1",
        "/ip6/::1/tcp/1",
        "/ip6/2a01:4f8::1/tcp/1",
        "/dns4/peer.example/tcp/1",
      })
  void theRestPasses(String address) {
    assertThat(PUBLIC.allows(Multiaddr.parse(address))).isTrue();
  }

  @Test
  void whoIsBehindARelayIsJudgedByTheRelay() {
    String relay = Identity.generate().id().text();
    String behind = "/tcp/1/p2p/" + relay + "/p2p-circuit";
    assertThat(PUBLIC.allows(Multiaddr.parse("/ip4/10.0.0.1" + behind))).isFalse();
    assertThat(PUBLIC.allows(Multiaddr.parse("/ip4/9.9.9.9" + behind))).isTrue();
  }

  @Test
  void hostsThatWereNamedOnPurposePassAtAnyPort() {
    AddressFilter filter = PUBLIC.except(List.of(Multiaddr.parse("/ip4/10.0.0.5/tcp/7464")));
    assertThat(filter.allows(Multiaddr.parse("/ip4/10.0.0.5/udp/9/quic-v1"))).isTrue();
    assertThat(filter.allows(Multiaddr.parse("/ip4/10.0.0.6/tcp/7464"))).isFalse();
  }
}
