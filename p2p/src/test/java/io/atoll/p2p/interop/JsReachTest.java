package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.reach.ReachClient;
import io.atoll.p2p.reach.ReachClient.Found;
import io.atoll.p2p.reach.ReachPolicy;
import io.atoll.p2p.reach.ReachService;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// AutoNAT with js-libp2p as the witness. Its own services refuse the addresses of one machine;
/// what they would do beyond that, it does by hand here, with its own codecs.
@Tag("real")
@Timeout(60)
class JsReachTest {
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";
  private static final ReachPolicy POLICY = ReachPolicy.defaults().withPrivateAddresses();
  private NetworkHost host;
  private ReachService service;
  private ReachClient client;
  private JsPeer js;
  private PeerId peer;

  @BeforeEach
  void start() throws Exception {
    host = P2p.start(HostConfig.of(Identity.generate(), List.of(LOOPBACK)));
    js = new JsPeer("reach.mjs");
  }

  @AfterEach
  void stop() throws Exception {
    if (service != null) {
      service.close();
    }
    host.close();
    js.close();
  }

  private void connect(boolean services) throws Exception {
    JsonNode started = js.call("start", "listen", List.of(LOOPBACK), "autonat", services);
    peer = PeerId.parse(started.get("id").asText());
    if (!services) {
      js.call("serveAutonat");
    }
    js.call("dial", "address", host.listening().getFirst());
    await().until(() -> host.connected(peer));
  }

  private Multiaddr own() {
    return Multiaddr.parse(host.listening().getFirst()).withoutPeer();
  }

  private String theirs() throws Exception {
    return js.call("addresses").get("addresses").get(0).asText();
  }

  private void knowThatItSpeaks(String protocol) {
    await()
        .until(
            () ->
                host.peers()
                    .find(peer)
                    .filter(known -> known.protocols().contains(protocol))
                    .isPresent());
  }

  @Test
  void jsTriesForUs() throws Exception {
    connect(false);
    knowThatItSpeaks("/libp2p/autonat/2/dial-request");
    client = ReachClient.start(host, POLICY, _ -> {});
    assertThat(client.ask(peer, List.of(own()))).contains(new Found(own(), true));
    Multiaddr nothing = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
    assertThat(client.ask(peer, List.of(nothing))).contains(new Found(nothing, false));
  }

  @Test
  void weTryForJs() throws Exception {
    service = ReachService.start(host, POLICY);
    connect(false);
    String server = host.id().text();
    JsonNode first =
        js.call("askAutonat", "peer", server, "version", 1, "addresses", List.of(theirs()));
    assertThat(first.get("status").asText()).isEqualTo("OK");
    JsonNode second =
        js.call("askAutonat", "peer", server, "version", 2, "addresses", List.of(theirs()));
    assertThat(second.get("dialStatus").asText()).isEqualTo("OK");
    assertThat(second.get("dialledBack").asBoolean()).isTrue();
    assertThat(second.get("paid").asInt()).isZero();
    // An address that is not the one js comes from costs it data first.
    JsonNode other =
        js.call(
            "askAutonat",
            "peer",
            server,
            "version",
            2,
            "addresses",
            List.of("/ip4/127.0.0.9/tcp/1"));
    assertThat(other.get("dialStatus").asText()).isEqualTo("E_DIAL_ERROR");
    assertThat(other.get("paid").asInt()).isGreaterThan(29_000);
  }

  /// Its services close without an answer, or refuse: no verdict, and nothing breaks.
  @Test
  void theServicesOfJsRefuseAddressesOfOneMachine() throws Exception {
    connect(true);
    knowThatItSpeaks("/libp2p/autonat/2/dial-request");
    client = ReachClient.start(host, POLICY, _ -> {});
    Optional<Found> found;
    try {
      found = client.ask(peer, List.of(own()));
    } catch (java.io.IOException closedWithoutAnswer) {
      found = Optional.empty();
    }
    assertThat(found).isEmpty();
    assertThat(host.ping(peer)).isPositive();
  }
}
