package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.relay.RelayLimits;
import io.atoll.p2p.relay.RelayService;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Circuits with js-libp2p as the witness: as the relay, as who dials, and as who listens.
@Tag("real")
@Timeout(90)
class JsRelayTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";
  private static final String ECHO = "/test/echo/1";
  private final List<NetworkHost> hosts = new ArrayList<>();
  private final List<JsPeer> peers = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    hosts.forEach(Host::close);
    for (JsPeer peer : peers) {
      peer.close();
    }
  }

  private NetworkHost start(Identity identity, List<String> listen) throws IOException {
    NetworkHost host = P2p.start(HostConfig.of(identity, listen));
    hosts.add(host);
    CircuitTransport.attach(host);
    host.handle(
        ECHO,
        stream -> {
          stream.in().transferTo(stream.out());
          stream.out().close();
        });
    return host;
  }

  private JsPeer js() throws Exception {
    JsPeer peer = new JsPeer("reach.mjs");
    peers.add(peer);
    return peer;
  }

  private NetworkHost ourRelay() throws IOException {
    Identity identity = Identity.generate();
    NetworkHost relay = start(identity, List.of(LOOPBACK));
    RelayService.start(relay, identity, RelayLimits.defaults());
    return relay;
  }

  private static int echo(NetworkHost from, PeerId to) throws Exception {
    try (Stream stream = from.open(to, ECHO)) {
      stream.out().write(new byte[20_000]);
      stream.out().close();
      return stream.in().readAllBytes().length;
    }
  }

  private static String circuitOf(JsPeer js) throws Exception {
    for (int i = 0; i < 100; i++) {
      for (JsonNode address : js.call("addresses").get("addresses")) {
        if (address.asText().contains("p2p-circuit")) {
          return address.asText();
        }
      }
      Thread.sleep(100);
    }
    throw new AssertionError("js has no address at the relay");
  }

  private static void assertRelayed(NetworkHost host, PeerId peer) {
    assertThat(host.swarm().connection(peer).orElseThrow().limited()).isTrue();
  }

  @Test
  void jsRelaysBetweenUs() throws Exception {
    JsPeer relay = js();
    relay.call("start", "listen", List.of(LOOPBACK), "relay", Map.of());
    String place = relay.call("addresses").get("addresses").get(0).asText() + "/p2p-circuit";
    NetworkHost bob = start(Identity.generate(), List.of());
    bob.swarm().listen(Multiaddr.parse(place));
    assertThat(relay.call("reservations").get("peers").get(0).asText()).isEqualTo(bob.id().text());
    NetworkHost alice = start(Identity.generate(), List.of());
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    assertRelayed(alice, bob.id());
    assertThat(echo(alice, bob.id())).isEqualTo(20_000);
    await().until(() -> bob.connected(alice.id()));
    assertThat(echo(bob, alice.id())).isEqualTo(20_000);
  }

  @Test
  void jsListensAtOurRelayAndWeDialIt() throws Exception {
    NetworkHost relay = ourRelay();
    JsPeer js = js();
    String place = relay.listening().getFirst() + "/p2p-circuit";
    PeerId peer = PeerId.parse(js.call("start", "listen", List.of(place)).get("id").asText());
    String circuit = circuitOf(js);
    assertThat(circuit).isEqualTo(place + "/p2p/" + peer);
    NetworkHost alice = start(Identity.generate(), List.of());
    alice.connect(peer, List.of(circuit), TIMEOUT);
    assertRelayed(alice, peer);
    assertThat(echo(alice, peer)).isEqualTo(20_000);
    JsonNode seen = js.call("connections", "peer", alice.id().text()).get("connections").get(0);
    assertThat(seen.get("limited").asBoolean()).isTrue();
    assertThat(js.call("echo", "peer", alice.id().text(), "bytes", 20_000).get("same").asBoolean())
        .isTrue();
  }

  @Test
  void jsDialsUsThroughOurRelay() throws Exception {
    NetworkHost relay = ourRelay();
    NetworkHost bob = start(Identity.generate(), List.of());
    bob.swarm().listen(Multiaddr.parse(relay.listening().getFirst() + "/p2p-circuit"));
    JsPeer js = js();
    js.call("start", "listen", List.of());
    JsonNode dialled = js.call("dial", "address", bob.listening().getFirst());
    assertThat(dialled.get("peer").asText()).isEqualTo(bob.id().text());
    assertThat(js.call("echo", "peer", bob.id().text(), "bytes", 20_000).get("same").asBoolean())
        .isTrue();
  }

  @Test
  void jsTalksToJsThroughOurRelay() throws Exception {
    NetworkHost relay = ourRelay();
    JsPeer listener = js();
    listener.call("start", "listen", List.of(relay.listening().getFirst() + "/p2p-circuit"));
    JsPeer dialler = js();
    dialler.call("start", "listen", List.of());
    String peer = dialler.call("dial", "address", circuitOf(listener)).get("peer").asText();
    assertThat(dialler.call("echo", "peer", peer, "bytes", 20_000).get("same").asBoolean())
        .isTrue();
  }
}
