package io.atoll.p2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.swarm.AddressFilter;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.swarm.ResourceLimits;
import io.atoll.p2p.swarm.ScopeLimit;
import io.atoll.p2p.swarm.Watermarks;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Limits, trimming and the gater, with real connections.
@Timeout(30)
class ConnectionLimitsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private final List<NetworkHost> hosts = new ArrayList<>();

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private NetworkHost start(HostConfig config) throws IOException {
    NetworkHost host = P2p.start(config);
    hosts.add(host);
    return host;
  }

  private static HostConfig listening() {
    return HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0"));
  }

  @Test
  void tooManyConnectionsAreTrimmedButNotTheProtected() throws Exception {
    NetworkHost hub =
        start(listening().withWatermarks(new Watermarks(2, 5, Duration.ZERO, Duration.ZERO)));
    NetworkHost first = start(listening());
    hub.swarm().tags().protect(first.id(), "test");
    first.connect(hub.id(), hub.listening(), TIMEOUT);
    await().until(() -> hub.connected(first.id()));
    for (int i = 0; i < 5; i++) {
      start(listening()).connect(hub.id(), hub.listening(), TIMEOUT);
    }
    await().until(() -> hub.swarm().connections().size() <= 3);
    assertThat(hub.connected(first.id())).isTrue();
    assertThat(hub.swarm().refusals().counts().get("trimmed")).isGreaterThanOrEqualTo(4);
  }

  @Test
  void aPeerThatOpensTooManyStreamsHurtsOnlyItself() throws Exception {
    ResourceLimits limits =
        ResourceLimits.defaults().withPeer(new ScopeLimit(8, 8, 8, 10, 100, 110, 1 << 20));
    NetworkHost hub = start(listening().withLimits(limits));
    hub.handle("/hold/1", stream -> stream.in().readAllBytes());
    NetworkHost greedy = start(listening());
    NetworkHost honest = start(listening());
    greedy.connect(hub.id(), hub.listening(), TIMEOUT);
    honest.connect(hub.id(), hub.listening(), TIMEOUT);
    List<Stream> open = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 50; i++) {
                open.add(greedy.open(hub.id(), "/hold/1"));
              }
            })
        .isInstanceOf(IOException.class);
    assertThat(open).hasSizeBetween(8, 10);
    assertThat(hub.swarm().refusals().counts().get("peer-streams-in")).isPositive();
    assertThat(honest.ping(hub.id())).isPositive();
    open.forEach(Stream::close);
    await().until(() -> hub.swarm().resources().streams() <= 1);
    assertThat(greedy.ping(hub.id())).isPositive();
  }

  @Test
  void manyIdentitiesOfOneHostLeaveRoomForOthers() throws Exception {
    NetworkHost hub =
        start(listening().withLimits(ResourceLimits.defaults().withInboundPerHost(3)));
    for (int i = 0; i < 6; i++) {
      start(listening()).connect(hub.id(), hub.listening(), TIMEOUT);
    }
    await()
        .until(() -> hub.swarm().refusals().counts().getOrDefault("host-connections-in", 0L) == 3);
    assertThat(hub.swarm().connections()).hasSize(3);
    // Connections that this node dials itself do not count.
    NetworkHost honest = start(listening());
    hub.connect(honest.id(), honest.listening(), TIMEOUT);
    await().until(() -> honest.connected(hub.id()));
    assertThat(honest.ping(hub.id())).isPositive();
  }

  /// Which moments came, in order, the one that says no, and how often it did.
  private static final class Asked implements Gater {
    private final List<String> moments = new ArrayList<>();
    private volatile String no = "";
    private long refused;

    private synchronized boolean at(String moment) {
      moments.add(moment);
      boolean refuses = moment.equals(no);
      refused += refuses ? 1 : 0;
      return !refuses;
    }

    private synchronized long refused() {
      return refused;
    }

    private synchronized List<String> takeMoments() {
      List<String> taken = List.copyOf(moments);
      moments.clear();
      return taken;
    }

    @Override
    public boolean dials(PeerId remote) {
      return at("dial-peer");
    }

    @Override
    public boolean dials(PeerId remote, Multiaddr address) {
      return at("dial-address");
    }

    @Override
    public boolean accepts(Multiaddr address) {
      return at("accept");
    }

    @Override
    public boolean admits(PeerId remote, Role role, Multiaddr address) {
      return at("admit");
    }

    @Override
    public boolean keeps(Connection connection) {
      return at("keep");
    }
  }

  @Test
  void theGaterIsAskedAtFiveMoments() throws Exception {
    Asked ours = new Asked();
    Asked theirs = new Asked();
    NetworkHost a = start(listening().withGater(ours));
    NetworkHost b = start(listening().withGater(theirs));
    a.connect(b.id(), b.listening(), TIMEOUT);
    await().until(() -> b.connected(a.id()));
    assertThat(ours.takeMoments()).containsExactly("dial-peer", "dial-address", "admit", "keep");
    assertThat(theirs.takeMoments()).containsExactly("accept", "admit", "keep");
    a.disconnect(b.id());
    for (String moment : List.of("dial-peer", "dial-address", "admit", "keep")) {
      await().until(() -> !a.connected(b.id()) && !b.connected(a.id()));
      ours.no = moment;
      assertThatThrownBy(() -> a.connect(b.id(), b.listening(), TIMEOUT))
          .isInstanceOf(IOException.class);
      assertThat(ours.takeMoments()).last().isEqualTo(moment);
    }
    ours.no = "";
    theirs.no = "accept";
    assertThatThrownBy(() -> a.connect(b.id(), b.listening(), TIMEOUT))
        .isInstanceOf(IOException.class);
    assertThat(a.swarm().refusals().counts())
        .containsKeys("gater-dial-peer", "gater-dial-address", "gater-admit", "gater-keep");
    // Once for each security that the dialler tries; each is counted.
    await()
        .untilAsserted(
            () ->
                assertThat(b.swarm().refusals().counts())
                    .containsEntry("gater-accept", theirs.refused()));
    assertThat(theirs.refused()).isBetween(1L, 2L);
  }

  @Test
  void whatTheFilterDeniesIsNeitherDialledNorTold() throws Exception {
    AddressFilter noLoopback =
        new AddressFilter(List.of(AddressFilter.Range.of("127.0.0.0/8")), Set.of());
    NetworkHost careful = start(listening().withAddresses(noLoopback));
    NetworkHost other = start(listening());
    assertThat(careful.listening()).isEmpty();
    assertThatThrownBy(() -> careful.connect(other.id(), other.listening(), TIMEOUT))
        .hasMessageContaining("none of the addresses");
    assertThat(careful.swarm().refusals().counts()).containsEntry("gater-dial-address", 1L);
    // Whoever dials it may come from anywhere.
    String bound = careful.swarm().listening().getFirst().withPeer(careful.id().text()).toString();
    other.connect(careful.id(), List.of(bound), TIMEOUT);
    assertThat(other.identify(careful.id()).listen()).isEmpty();
  }

  @Test
  void whatTheOwnerNamedIsDialledAllTheSame() throws Exception {
    AddressFilter noLoopback =
        new AddressFilter(List.of(AddressFilter.Range.of("127.0.0.0/8")), Set.of());
    NetworkHost careful = start(listening().withAddresses(noLoopback));
    NetworkHost hub = start(listening());
    careful.named(hub.listening());
    careful.named(List.of("nonsense"));
    careful.connect(hub.id(), hub.listening(), TIMEOUT);
    assertThat(careful.ping(hub.id())).isPositive();
    assertThat(careful.listening()).isEmpty(); // that others are told of is another matter
  }

  @Test
  void aHostCountsItsDialsAndKnowsItsStreams() throws Exception {
    NetworkHost a = start(listening());
    NetworkHost b = start(listening());
    b.handle("/hold/1", stream -> stream.in().readAllBytes());
    a.connect(b.id(), b.listening(), TIMEOUT);
    assertThatThrownBy(
            () -> a.connect(Identity.generate().id(), List.of("/ip4/127.0.0.1/tcp/1"), TIMEOUT))
        .isInstanceOf(IOException.class);
    assertThat(a.swarm().dials().counts()).containsEntry("reached", 1L).containsEntry("failed", 1L);
    assertThat(a.swarm().connection(b.id()).orElseThrow().security()).isEqualTo("/noise");
    Stream held = a.open(b.id(), "/hold/1");
    await().until(() -> b.streams().stream().anyMatch(each -> each.protocol().equals("/hold/1")));
    assertThat(a.streams())
        .anySatisfy(
            each -> {
              assertThat(each.protocol()).isEqualTo("/hold/1");
              assertThat(each.peer()).isEqualTo(b.id());
              assertThat(each.inbound()).isFalse();
            });
    held.close();
    await()
        .until(
            () ->
                java.util.stream.Stream.concat(a.streams().stream(), b.streams().stream())
                    .noneMatch(each -> each.protocol().equals("/hold/1")));
  }
}
