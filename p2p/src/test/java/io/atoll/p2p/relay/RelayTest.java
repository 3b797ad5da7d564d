package io.atoll.p2p.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A — relay — B, all ours, over loopback.
@Timeout(30)
class RelayTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String ECHO = "/test/echo/1";
  private final List<NetworkHost> hosts = new ArrayList<>();

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private NetworkHost start(Identity identity, List<String> listen) throws IOException {
    NetworkHost host = P2p.start(HostConfig.of(identity, listen));
    hosts.add(host);
    host.handle(
        ECHO,
        stream -> {
          stream.in().transferTo(stream.out());
          stream.out().close();
        });
    return host;
  }

  private NetworkHost hidden() throws IOException {
    NetworkHost host = start(Identity.generate(), List.of());
    CircuitTransport.attach(host);
    return host;
  }

  private record Relay(NetworkHost host, RelayService service) {
    Multiaddr place() {
      return Multiaddr.parse(host.listening().getFirst() + "/p2p-circuit");
    }
  }

  private Relay relay(RelayLimits limits) throws IOException {
    Identity identity = Identity.generate();
    NetworkHost host = start(identity, List.of("/ip4/127.0.0.1/tcp/0"));
    return new Relay(host, RelayService.start(host, identity, limits));
  }

  private static byte[] echo(NetworkHost from, NetworkHost to, int bytes) throws Exception {
    try (Stream stream = from.open(to.id(), ECHO)) {
      Thread.startVirtualThread(
          () -> {
            try {
              stream.out().write(new byte[bytes]);
              stream.out().close();
            } catch (IOException e) {
              stream.reset();
            }
          });
      return stream.in().readAllBytes();
    }
  }

  @Test
  void aPeerThatNobodyCanDialIsReachedThroughARelay() throws Exception {
    Relay relay = relay(RelayLimits.defaults());
    NetworkHost bob = hidden();
    bob.swarm().listen(relay.place());
    assertThat(bob.listening()).containsExactly(relay.place() + "/p2p/" + bob.id());
    assertThat(relay.service.reservations()).isEqualTo(1);
    NetworkHost alice = hidden();
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    assertThat(alice.swarm().connection(bob.id()).orElseThrow().limited()).isTrue();
    assertThat(echo(alice, bob, 100_000)).hasSize(100_000);
    await().until(() -> bob.connected(alice.id()));
    assertThat(echo(bob, alice, 100_000)).hasSize(100_000);
    assertThat(relay.service.circuits()).isEqualTo(1);
    alice.disconnect(bob.id());
    await().until(() -> relay.service.circuits() == 0);
    await().until(() -> !bob.connected(alice.id()));
    // The relay itself goes on.
    assertThat(alice.ping(relay.host.id())).isPositive();
  }

  @Test
  void thePeersOfAListenerLearnItsPlace() throws Exception {
    Relay relay = relay(RelayLimits.defaults());
    NetworkHost bob = hidden();
    bob.swarm().listen(relay.place());
    await().until(() -> relay.host.peers().addresses(bob.id()).contains(relay.place()));
  }

  @Test
  void theLimitsOfACircuitEndIt() throws Exception {
    Relay relay =
        relay(RelayLimits.defaults().withCircuit(new CircuitLimit(Duration.ofSeconds(60), 50_000)));
    NetworkHost bob = hidden();
    bob.swarm().listen(relay.place());
    NetworkHost alice = hidden();
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    assertThat(echo(alice, bob, 10_000)).hasSize(10_000);
    assertThatThrownBy(() -> echo(alice, bob, 60_000)).isInstanceOf(IOException.class);
    await().until(() -> !alice.connected(bob.id()) && !bob.connected(alice.id()));
  }

  @Test
  void timeEndsACircuit() throws Exception {
    Relay relay =
        relay(RelayLimits.defaults().withCircuit(new CircuitLimit(Duration.ofSeconds(1), 0)));
    NetworkHost bob = hidden();
    bob.swarm().listen(relay.place());
    NetworkHost alice = hidden();
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    await().until(() -> !alice.connected(bob.id()) && !bob.connected(alice.id()));
  }

  @Test
  void whatIsNotAllowedIsRefusedAndCounted() throws Exception {
    Relay relay = relay(RelayLimits.defaults());
    NetworkHost bob = hidden();
    NetworkHost alice = hidden();
    String through = relay.place() + "/p2p/" + bob.id();
    assertThatThrownBy(() -> alice.connect(bob.id(), List.of(through), TIMEOUT))
        .hasMessageContaining("NO_RESERVATION");
    // Over a circuit there is no circuit.
    bob.swarm().listen(relay.place());
    RelayService.start(bob, Identity.generate(), RelayLimits.defaults());
    alice.connect(bob.id(), List.of(through), TIMEOUT);
    try (Stream stream = alice.open(bob.id(), Protocol.HOP.id())) {
      RelayMessage.reserve().write(Protocol.HOP, stream.out());
      assertThat(RelayMessage.read(Protocol.HOP, stream.in()).status())
          .isEqualTo(Status.PERMISSION_DENIED);
    }
    try (Stream stream = alice.open(relay.host.id(), Protocol.HOP.id())) {
      stream.out().write(new byte[] {3, 1, 2, 3});
      assertThat(RelayMessage.read(Protocol.HOP, stream.in()).status())
          .isEqualTo(Status.MALFORMED_MESSAGE);
    }
    // Nobody brings a circuit where no place was reserved.
    try (Stream stream = relay.host.open(alice.id(), Protocol.STOP.id())) {
      RelayMessage.connect(bob.id(), CircuitLimit.NONE).write(Protocol.STOP, stream.out());
      assertThat(RelayMessage.read(Protocol.STOP, stream.in()).status())
          .isEqualTo(Status.PERMISSION_DENIED);
    }
    assertThat(relay.service.refusals().counts())
        .containsEntry("relay-no-reservation", 1L)
        .containsEntry("relay-malformed-message", 1L);
  }

  @Test
  void aPlaceIsRefreshedAndTakenAgainAfterTheConnectionIsLost() throws Exception {
    Relay relay = relay(RelayLimits.defaults().withValidity(Duration.ofSeconds(3)));
    NetworkHost bob = hidden();
    bob.swarm().listen(relay.place());
    Thread.sleep(4_000);
    assertThat(bob.listening()).hasSize(1);
    NetworkHost alice = hidden();
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    relay.host.disconnect(bob.id());
    await().until(() -> relay.service.reservations() == 0);
    await().until(() -> relay.service.reservations() == 1);
    await().until(() -> bob.listening().size() == 1);
    NetworkHost carol = hidden();
    carol.connect(bob.id(), bob.listening(), TIMEOUT);
    assertThat(echo(carol, bob, 1000)).hasSize(1000);
  }

  @Test
  void whoNeedsRelaysFindsSomeAmongItsPeers() throws Exception {
    List<Relay> relays = new ArrayList<>();
    NetworkHost bob = hidden();
    RelaySeeker seeker = RelaySeeker.start(bob, 2);
    for (int i = 0; i < 3; i++) {
      Relay relay = relay(RelayLimits.defaults());
      relays.add(relay);
      bob.connect(relay.host.id(), relay.host.listening(), TIMEOUT);
    }
    Thread.sleep(300);
    assertThat(bob.listening()).isEmpty();
    seeker.seek();
    await().until(() -> bob.listening().size() == 2);
    NetworkHost alice = hidden();
    alice.connect(bob.id(), bob.listening(), TIMEOUT);
    assertThat(echo(alice, bob, 1000)).hasSize(1000);
    assertThat(relays.stream().mapToInt(relay -> relay.service.reservations()).sum()).isEqualTo(2);
  }

  @Test
  void aDirectConnectionTakesThePlaceOfARelayedOne() throws Exception {
    Relay relay = relay(RelayLimits.defaults());
    NetworkHost bob = start(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0"));
    CircuitTransport.attach(bob);
    List<String> direct = bob.listening();
    bob.swarm().listen(relay.place());
    NetworkHost alice = hidden();
    alice.connect(bob.id(), List.of(relay.place() + "/p2p/" + bob.id()), TIMEOUT);
    assertThat(alice.swarm().connection(bob.id()).orElseThrow().limited()).isTrue();
    alice.swarm().connectDirectly(bob.id(), direct, TIMEOUT);
    assertThat(alice.swarm().connection(bob.id()).orElseThrow().limited()).isFalse();
    await().until(() -> bob.swarm().connection(alice.id()).filter(c -> !c.limited()).isPresent());
    assertThat(echo(alice, bob, 1000)).hasSize(1000);
  }
}
