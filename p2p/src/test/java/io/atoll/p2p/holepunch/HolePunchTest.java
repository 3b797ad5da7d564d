package io.atoll.p2p.holepunch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.reach.ReachPolicy;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.relay.RelayLimits;
import io.atoll.p2p.relay.RelayService;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Both roles over loopback. There is no NAT in between: that the two sides agree on who is who,
/// and dial from the ports they listen on, is what is seen here.
@Timeout(30)
class HolePunchTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final PunchPolicy LOOPBACK =
      PunchPolicy.of(ReachPolicy.defaults().withPrivateAddresses()::dialable);
  private final List<NetworkHost> hosts = new ArrayList<>();

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private NetworkHost start(Identity identity, Gater gater) throws IOException {
    NetworkHost host =
        P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")).withGater(gater));
    hosts.add(host);
    CircuitTransport.attach(host);
    return host;
  }

  private Multiaddr relay() throws IOException {
    Identity identity = Identity.generate();
    NetworkHost relay = start(identity, Gater.everybody());
    RelayService.start(relay, identity, RelayLimits.defaults());
    return Multiaddr.parse(relay.listening().getFirst() + "/p2p-circuit");
  }

  private static boolean direct(NetworkHost host, PeerId peer) {
    return host.swarm().connection(peer).filter(found -> !found.limited()).isPresent();
  }

  @Test
  void whoCanBeDialledIsDialled() throws Exception {
    Multiaddr place = relay();
    NetworkHost bob = start(Identity.generate(), Gater.everybody());
    HolePunch punch = HolePunch.start(bob, LOOPBACK);
    bob.swarm().listen(place);
    NetworkHost alice = start(Identity.generate(), Gater.everybody());
    HolePunch.start(alice, LOOPBACK);
    alice.connect(bob.id(), List.of(place + "/p2p/" + bob.id()), TIMEOUT);
    await().until(() -> direct(alice, bob.id()) && direct(bob, alice.id()));
    assertThat(alice.swarm().connection(bob.id()).orElseThrow().role()).isEqualTo(Role.RESPONDER);
    await().until(() -> punch.outcomes().counts().containsKey("direct"));
    assertThat(alice.ping(bob.id())).isPositive();
  }

  @Test
  void whoCannotIsMetHalfWay() throws Exception {
    Multiaddr place = relay();
    // The first dial to Alice is not let through, as a NAT would not.
    AtomicInteger dials = new AtomicInteger();
    Identity alices = Identity.generate();
    NetworkHost bob =
        start(
            Identity.generate(),
            new Gater() {
              @Override
              public boolean dials(PeerId remote, Multiaddr address) {
                return !remote.equals(alices.id()) || dials.getAndIncrement() > 0;
              }

              @Override
              public boolean admits(PeerId remote, Role role, Multiaddr address) {
                return true;
              }
            });
    HolePunch punch = HolePunch.start(bob, LOOPBACK);
    bob.swarm().listen(place);
    NetworkHost alice = start(alices, Gater.everybody());
    HolePunch.start(alice, LOOPBACK);
    alice.connect(bob.id(), List.of(place + "/p2p/" + bob.id()), TIMEOUT);
    await().until(() -> direct(alice, bob.id()) && direct(bob, alice.id()));
    // A is the initiator, and came from the port it listens on.
    var connection = bob.swarm().connection(alice.id()).orElseThrow();
    assertThat(connection.role()).isEqualTo(Role.RESPONDER);
    assertThat(connection.remoteAddress().withPeer(alice.id().text()))
        .hasToString(alice.listening().getFirst());
    await().until(() -> punch.outcomes().counts().containsKey("punched"));
    assertThat(bob.ping(alice.id())).isPositive();
  }

  @Test
  void whereNoWayLeadsTheCircuitStays() throws Exception {
    Multiaddr place = relay();
    NetworkHost bob = start(Identity.generate(), Gater.everybody());
    // Addresses of one machine are none.
    PunchPolicy nowhere =
        new PunchPolicy(
            ReachPolicy.defaults()::dialable, 2, Duration.ofMillis(300), Duration.ofMillis(100));
    HolePunch punch = HolePunch.start(bob, nowhere);
    bob.swarm().listen(place);
    NetworkHost alice = start(Identity.generate(), Gater.everybody());
    HolePunch.start(alice, nowhere);
    alice.connect(bob.id(), List.of(place + "/p2p/" + bob.id()), TIMEOUT);
    await().until(() -> punch.outcomes().counts().containsKey("failed"));
    assertThat(direct(alice, bob.id())).isFalse();
    assertThat(alice.ping(bob.id())).isPositive();
  }

  @Test
  void overADirectConnectionThereIsNothingToPunch() throws Exception {
    NetworkHost bob = start(Identity.generate(), Gater.everybody());
    HolePunch.start(bob, LOOPBACK);
    NetworkHost alice = start(Identity.generate(), Gater.everybody());
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    assertThatThrownBy(
            () -> {
              try (Stream stream = alice.open(bob.id(), PunchMessage.PROTOCOL)) {
                stream.in().read();
              }
            })
        .hasMessageContaining("reset by the peer");
  }

  @Test
  void damagedMessages() throws Exception {
    PunchMessage message =
        new PunchMessage(PunchMessage.Type.CONNECT, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")));
    assertThat(HexFormat.of().formatHex(message.encode())).isEqualTo("086412080401020304060005");
    assertThat(PunchMessage.decode(message.encode())).isEqualTo(message);
    Fuzz.rounds(
        "hole punch",
        10_000,
        random -> {
          try {
            PunchMessage.decode(Fuzz.bytes(random, List.of(message.encode()))).encode();
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
