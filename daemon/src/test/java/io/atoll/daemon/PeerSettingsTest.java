package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.config.Places;
import io.atoll.client.config.Settings;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.daemon.peers.Profile;
import io.atoll.daemon.peers.Surroundings;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.pnet.NetworkKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerSettingsTest {
  private static final String PEER = "12D3KooWNbVaCShN8KQUWABHqhGkbhNjCfQDPcFdmWKNa4NyT1W2";

  @TempDir Path home;

  private NetworkSettings of(Map<String, String> flags, Map<String, String> environment) {
    Places places = new Places(home.resolve("c"), home.resolve("d"), home.resolve(".env"));
    return PeerSettings.of(new Settings(flags, environment, places));
  }

  @Test
  void nothingSaidIsANodeAtHomeThatKnowsNobody() {
    NetworkSettings settings = of(Map.of(), Map.of());
    assertThat(settings.profile()).isEqualTo(Profile.HOME);
    assertThat(settings.listen()).containsExactly("/ip4/0.0.0.0/tcp/7464");
    assertThat(settings.listenToo()).containsExactly("/ip4/0.0.0.0/udp/7464/quic-v1");
    assertThat(settings.bootstrap()).isEmpty();
    assertThat(settings.server()).isFalse();
    assertThat(settings.bench()).isFalse();
    assertThat(settings.rendezvous()).isEqualTo("atoll");
    assertThat(settings.maxHandshakes()).isEqualTo(100);
  }

  @Test
  void aProfileSetsTheBoundUnlessItIsSaid() {
    assertThat(of(Map.of("p2p.profile", "mobile"), Map.of()).maxHandshakes()).isEqualTo(16);
    assertThat(of(Map.of("p2p.profile", "server"), Map.of()).maxHandshakes()).isEqualTo(1000);
    assertThat(
            of(Map.of("p2p.profile", "server", "p2p.max-handshakes", "5"), Map.of())
                .maxHandshakes())
        .isEqualTo(5);
  }

  @Test
  void whatIsListedIsAllThatIsListenedOn() {
    String listed = "/ip4/127.0.0.1/tcp/0 /ip6/::1/tcp/1/ws /ip4/127.0.0.1/udp/2/quic-v1";
    NetworkSettings settings = of(Map.of(), Map.of("ATOLL_P2P_LISTEN", listed));
    assertThat(settings.listen()).hasSize(3);
    assertThat(settings.listenToo()).isEmpty();
    assertThat(of(Map.of(), Map.of("ATOLL_LISTEN", "/ip4/127.0.0.1/tcp/9")).listen())
        .containsExactly("/ip4/127.0.0.1/tcp/9");
  }

  @Test
  void bootstrapPeersAreAddressesWithTheirPeer() {
    String two = "/dns4/a.example/tcp/1/p2p/" + PEER + ", /ip4/10.0.0.1/udp/1/quic-v1/p2p/" + PEER;
    assertThat(of(Map.of("p2p.bootstrap", two), Map.of()).bootstrap()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "p2p.listen, /ip4/127.0.0.1/udp/1",
    "p2p.listen, /dns4/here/tcp/1",
    "p2p.listen, /ip4/127.0.0.1/tcp/1/wss",
    "p2p.profile, office",
    "p2p.bootstrap, /ip4/127.0.0.1/tcp/1",
    "p2p.bootstrap, 127.0.0.1:1",
    "p2p.rendezvous, two words",
    "p2p.server, maybe",
    "p2p.max-handshakes, 0",
    "p2p.max-handshakes, many",
    "p2p.mdns, sometimes",
    "p2p.portmap, 7",
  })
  void refusesWhatCannotBe(String setting, String value) {
    assertThatThrownBy(() -> of(Map.of(setting, value), Map.of()))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text()).contains(setting + " is", value, "--p2p-");
              assertThat(e.hint()).isNotEmpty();
            });
  }

  @Test
  void thoseAroundAreMetUnlessItIsAServerOrSaid() {
    assertThat(of(Map.of(), Map.of()).surroundings().mdns()).isPresent();
    assertThat(of(Map.of(), Map.of()).surroundings().portMapping()).isTrue();
    assertThat(of(Map.of("p2p.profile", "mobile"), Map.of()).surroundings().mdns()).isPresent();
    assertThat(of(Map.of("p2p.profile", "server"), Map.of()).surroundings())
        .isEqualTo(Surroundings.left());
    assertThat(of(Map.of("p2p.mdns", "false"), Map.of("ATOLL_P2P_PORTMAP", "false")).surroundings())
        .isEqualTo(Surroundings.left());
    assertThat(
            of(Map.of("p2p.profile", "server", "p2p.portmap", "true"), Map.of())
                .surroundings()
                .portMapping())
        .isTrue();
  }

  @Test
  void aKeyFilePutsItIntoAPrivateNetworkWithoutQuic() throws Exception {
    NetworkKey key = NetworkKey.generate();
    Path file = Files.write(home.resolve("swarm.key"), key.encode());
    NetworkSettings settings = of(Map.of(), Map.of("ATOLL_P2P_SWARM_KEY", file.toString()));
    assertThat(settings.key().orElseThrow().fingerprint()).isEqualTo(key.fingerprint());
    assertThat(settings.listenToo()).isEmpty();
    assertThatThrownBy(
            () ->
                of(
                    Map.of(
                        "p2p.swarm-key",
                        file.toString(),
                        "p2p.listen",
                        "/ip4/127.0.0.1/udp/0/quic-v1"),
                    Map.of()))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.hint()).contains("QUIC", "p2p.swarm-key"));
  }

  @Test
  void aKeyFileThatIsNoneIsToldWithARemedyAndNotRepeated() throws Exception {
    Path file = Files.writeString(home.resolve("swarm.key"), "/key/swarm/psk/1.0.0/\nsecret");
    assertThatThrownBy(() -> of(Map.of("p2p.swarm-key", file.toString()), Map.of()))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text())
                  .contains("p2p.swarm-key", file.toString())
                  .doesNotContain("secret");
              assertThat(e.hint()).contains("atoll p2p swarm-key");
            });
    assertThatThrownBy(() -> of(Map.of("p2p.swarm-key", home + "/none"), Map.of()))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.text()).contains("p2p.swarm-key", "none");
              assertThat(e.hint()).contains("NoSuchFile", "atoll p2p swarm-key");
            });
  }

  @Test
  void aFilterIsReadAtTheStart() {
    assertThat(of(Map.of(), Map.of()).wanted()).isEqualTo(PeerFilter.everybody());
    assertThat(of(Map.of("p2p.filter", "rtt<50ms and cpu>=4"), Map.of()).wanted())
        .isEqualTo(PeerFilter.parse("rtt<50ms and cpu>=4"));
    assertThatThrownBy(() -> of(Map.of("p2p.filter", "rtt<soon"), Map.of()))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text()).contains("p2p.filter", "soon");
            });
  }
}
