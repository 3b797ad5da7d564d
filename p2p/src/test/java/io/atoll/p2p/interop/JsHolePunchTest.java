package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.holepunch.HolePunch;
import io.atoll.p2p.holepunch.PunchPolicy;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.reach.ReachPolicy;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.relay.RelayLimits;
import io.atoll.p2p.relay.RelayService;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// DCUtR with js-libp2p at the other end, in both roles. Its own service refuses the addresses of
/// one machine, so it plays the roles by hand, with its own codec.
@Tag("real")
@Timeout(60)
class JsHolePunchTest {
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";
  private final List<NetworkHost> hosts = new ArrayList<>();

  /// As a NAT, which lets no dial through before there is a hole.
  private final AtomicInteger refused = new AtomicInteger(Integer.MAX_VALUE);
  private NetworkHost host;
  private String place;
  private JsPeer js;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer("reach.mjs");
    Identity identity = Identity.generate();
    NetworkHost relay = start(identity, Gater.everybody());
    RelayService.start(relay, identity, RelayLimits.defaults());
    place = relay.listening().getFirst() + "/p2p-circuit";
    host =
        start(
            Identity.generate(),
            new Gater() {
              @Override
              public boolean dials(PeerId remote, Multiaddr address) {
                return remote.equals(relay.id())
                    || address.toString().contains("p2p-circuit")
                    || refused.getAndDecrement() <= 0;
              }

              @Override
              public boolean admits(PeerId remote, Role role, Multiaddr address) {
                return true;
              }
            });
    HolePunch.start(host, PunchPolicy.of(ReachPolicy.defaults().withPrivateAddresses()::dialable));
  }

  @AfterEach
  void stop() throws Exception {
    hosts.forEach(Host::close);
    js.close();
  }

  private NetworkHost start(Identity identity, Gater gater) throws IOException {
    NetworkHost made = P2p.start(HostConfig.of(identity, List.of(LOOPBACK)).withGater(gater));
    hosts.add(made);
    CircuitTransport.attach(made);
    return made;
  }

  private boolean direct(PeerId peer) {
    return host.swarm().connection(peer).filter(found -> !found.limited()).isPresent();
  }

  @Test
  void jsDialsUsOverARelayAndIsA() throws Exception {
    refused.set(1);
    host.swarm().listen(Multiaddr.parse(place));
    JsonNode started = js.call("start", "listen", List.of(LOOPBACK));
    js.call("punchAsA");
    js.call("dial", "address", place + "/p2p/" + host.id());
    PeerId peer = PeerId.parse(started.get("id").asText());
    await().until(() -> direct(peer));
    assertThat(host.swarm().connection(peer).orElseThrow().role()).isEqualTo(Role.RESPONDER);
    assertThat(host.ping(peer)).isPositive();
    assertThat(js.call("punched").get("steps").toString()).contains("CONNECT", "SYNC", "dialled");
  }

  @Test
  void weDialJsOverARelayAndAreA() throws Exception {
    refused.set(0);
    JsonNode started = js.call("start", "listen", List.of(LOOPBACK, place));
    PeerId peer = PeerId.parse(started.get("id").asText());
    host.connect(peer, List.of(place + "/p2p/" + peer), Duration.ofSeconds(10));
    await()
        .until(
            () -> js.call("connections", "peer", host.id().text()).get("connections").size() == 1);
    assertThat(direct(peer)).isFalse();
    js.call("punchAsB", "peer", host.id().text());
    await().until(() -> direct(peer));
    assertThat(host.swarm().connection(peer).orElseThrow().role()).isEqualTo(Role.INITIATOR);
    assertThat(host.ping(peer)).isPositive();
  }
}
