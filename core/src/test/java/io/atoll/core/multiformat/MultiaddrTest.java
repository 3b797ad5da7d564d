package io.atoll.core.multiformat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {
  private static final String PEER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
  private static final String PEER_HEX =
      "0024080112202ffa35a99d3a3cfbb17bb7c1dc5561b18a8dcca4df38dc613ea859c37eb1336b";

  /// Bytes as js-libp2p's own package writes them, but for `unix` and `memory`.
  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/4001, 047f000001060fa1",
    "/ip6/2001:db8::1/udp/1/quic-v1, 2920010db800000000000000000000000191020001cd03",
    "/dns4/example.org/tcp/443/wss, 360b6578616d706c652e6f72670601bbde03",
    "/ip6zone/eth0/ip6/fe80::1/tcp/7, 2a046574683029fe800000000000000000000000000001060007",
    "/ip4/1.2.3.4/tcp/5/p2p/" + PEER + "/p2p-circuit, 0401020304060005a50326" + PEER_HEX + "a202",
    "/unix/run/atoll.sock, 90030f2f72756e2f61746f6c6c2e736f636b",
    "/memory/9, 89060000000000000009"
  })
  void isTheSameInTextAndBytes(String text, String hex) {
    Multiaddr address = Multiaddr.parse(text);
    assertThat(HexFormat.of().formatHex(address.bytes())).isEqualTo(hex);
    assertThat(Multiaddr.parse(HexFormat.of().parseHex(hex))).isEqualTo(address);
    assertThat(address).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "/ip6/2001:0DB8:0:0:0:0:0:1/tcp/1, /ip6/2001:db8::1/tcp/1",
    "/ip6/0:0:0:0:0:0:0:0/tcp/1, /ip6/::/tcp/1",
    "/ip6/1:0:0:2:0:0:0:3/tcp/1, /ip6/1:0:0:2::3/tcp/1",
    "/ip6/1:0:2:3:4:5:6:7/tcp/1, /ip6/1:0:2:3:4:5:6:7/tcp/1",
    "/ip6/::ffff:1.2.3.4/tcp/1, /ip6/::ffff:102:304/tcp/1",
    "/ip6/fe80::/tcp/1, /ip6/fe80::/tcp/1",
    "/ip4/1.2.3.4/tcp/007/, /ip4/1.2.3.4/tcp/7",
    "/ip4/1.2.3.4/tcp/7/ipfs/" + PEER + ", /ip4/1.2.3.4/tcp/7/p2p/" + PEER,
    "/p2p/bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe,"
        + " /p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
  })
  void printsOneTextForOneAddress(String text, String canonical) {
    assertThat(Multiaddr.parse(text)).hasToString(canonical);
    assertThat(Multiaddr.parse(text)).isEqualTo(Multiaddr.parse(canonical));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "ip4/1.2.3.4",
        "/ip4",
        "/ip4/",
        "/ip4/1.2.3",
        "/ip4/1.2.3.256",
        "/ip4/01.2.3.4",
        "/ip4/localhost",
        "/ip6/1.2.3.4",
        "/ip6/1::2::3",
        "/ip6/fe80::1%eth0",
        "/ip4/1.2.3.4/tcp/65536",
        "/ip4/1.2.3.4/tcp/-1",
        "/ip4/1.2.3.4/tcp/99999999999999999999",
        "/ip4/1.2.3.4/tcp/x",
        "/ip4/1.2.3.4//tcp/1",
        "/quic-v1/quic-v1x",
        "/nonsense/7",
        "/p2p/hello",
        "/certhash/xyz",
        "/memory/9999999999999999999",
        "/dns4/a\nb/tcp/1"
      })
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesTheProtocolThatItDoesNotKnow() {
    assertThatThrownBy(() -> Multiaddr.parse("/ip4/1.2.3.4/warp/9"))
        .hasMessage("unknown protocol “warp” in multiaddr /ip4/1.2.3.4/warp/9");
  }

  @Test
  void skipsTheAddressesOfAListThatItDoesNotKnow() {
    byte[] good = Multiaddr.parse("/ip4/1.2.3.4/tcp/1").bytes();
    byte[] unknown = {4, 1, 2, 3, 4, (byte) 0xff, 0x7f, 1};
    byte[] cut = {4, 1, 2, 3};
    assertThat(Multiaddr.parseKnown(List.of(unknown, good, cut, new byte[0])))
        .containsExactly(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
  }

  @Test
  void takesAPeerOffAndPutsItOn() {
    Multiaddr bare = Multiaddr.parse("/ip4/1.2.3.4/tcp/1");
    Multiaddr named = bare.withPeer(PEER);
    assertThat(named).hasToString("/ip4/1.2.3.4/tcp/1/p2p/" + PEER);
    assertThat(named.withPeer(PEER)).isEqualTo(named);
    assertThat(named.peer()).contains(PEER);
    assertThat(named.withoutPeer()).isEqualTo(bare);
    assertThat(bare.withoutPeer()).isEqualTo(bare);
    assertThat(bare.peer()).isEmpty();
    assertThat(named.value(Protocol.TCP)).contains("1");
    assertThat(named.value(Protocol.UDP)).isEmpty();
  }
}
