package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.path.Path;
import io.atoll.vpn.path.PathAdvice;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.relay.PacketRelay;
import io.atoll.vpn.relay.RelayLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nodes on loopback that nobody tells where the others are. One that has UDP over IPv4 alone and
/// one that has it over IPv6 alone cannot reach each other but through a relay, or over libp2p.
@Tag("real")
@Timeout(120)
class DetoursTest {
  private static final List<String> LISTEN = List.of("/ip4/127.0.0.1/tcp/0");
  private static final InetSocketAddress FOUR = new InetSocketAddress("127.0.0.1", 0);
  private static final InetSocketAddress SIX = new InetSocketAddress("::1", 0);

  private final List<PathNode> nodes = new ArrayList<>();

  private PathNode node(InetSocketAddress udp, int all) throws Exception {
    PathNode node = new PathNode(nodes.size(), LISTEN, udp, all);
    nodes.add(node);
    return node;
  }

  @AfterEach
  void stop() {
    nodes.reversed().forEach(PathNode::close);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(20));
  }

  private static boolean over(PathNode from, int to, Class<? extends Path> kind) {
    return kind.isInstance(from.way(to));
  }

  @Test
  void nodesTellEachOtherWhereTheyAre() throws Exception {
    PathNode one = node(FOUR, 2);
    PathNode other = node(FOUR, 2);
    one.connect(other);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Direct.class));
    soon().until(() -> other.pings(0) && over(other, 0, Path.Direct.class));
    PathReport report = Objects.requireNonNull(one.networks.why(other.id), "a report");
    assertThat(report.tried().getFirst().over()).isEqualTo(new Path.Direct(other.socket.address()));
    assertThat(report.tried().getFirst().rtt()).isNotNull();
  }

  @Test
  void aConsentingNodePassesPacketsOn() throws Exception {
    PathNode one = node(FOUR, 2);
    PathNode other = node(SIX, 2);
    PathNode hub = node(new InetSocketAddress("::", 0), 2);
    PacketRelay relay = relayAt(hub, one, other);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Relayed.class));
    soon().until(() -> other.pings(0) && over(other, 0, Path.Relayed.class));
    transfer(one, other);
    assertThat(relay.counts().packets()).isGreaterThan(1000);
    assertThat(relay.counts().strangers()).isLessThan(20);
    assertThat(relay.counts().seats()).isEqualTo(2);
    // It is gone: the line between the nodes, which there was not before, carries.
    one.connect(other);
    hub.close();
    nodes.remove(hub);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Stream.class));
  }

  /// One is reached over UDP, the other over the connection that it opened to the relay.
  @Test
  void aRelayReachesWhoHasNoWayForUdp() throws Exception {
    PathNode one = node(FOUR, 2);
    PathNode other = node(SIX, 2);
    PathNode hub = node(FOUR, 2);
    PacketRelay relay = relayAt(hub, one, other);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Relayed.class));
    soon().until(() -> other.pings(0) && over(other, 0, Path.Relayed.class));
    transfer(one, other);
    assertThat(relay.counts().packets()).isGreaterThan(1000);
  }

  @Test
  void withoutARelayTheStreamCarries() throws Exception {
    PathNode one = node(FOUR, 2);
    PathNode other = node(SIX, 2);
    one.connect(other);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Stream.class));
    soon().until(() -> other.pings(0) && over(other, 0, Path.Stream.class));
    transfer(one, other);
    assertThat(Objects.requireNonNull(one.networks.why(other.id), "a report").tried())
        .allMatch(tried -> tried.state() == PathReport.State.REFUSED);
  }

  /// A node of the network itself, known to nobody but by what the nodes tell each other.
  @Test
  void anyNodeThatConsentsMayBeTheRelay() throws Exception {
    PathNode one = node(FOUR, 3);
    PathNode other = node(SIX, 3);
    PathNode third = node(new InetSocketAddress("::", 0), 3);
    third.networks.passOn(_ -> true, RelayLimits.defaults());
    one.connect(third);
    other.connect(third);
    soon().until(() -> one.pings(2) && other.pings(2));
    one.connect(other);
    soon().until(() -> one.pings(1) && over(one, 1, Path.Relayed.class));
    assertThat(one.way(1)).isEqualTo(new Path.Relayed(third.id));
    soon().until(() -> other.pings(0) && over(other, 0, Path.Relayed.class));
  }

  private static PacketRelay relayAt(PathNode hub, PathNode... clients) throws Exception {
    PacketRelay relay = hub.networks.passOn(_ -> true, RelayLimits.defaults());
    for (PathNode client : clients) {
      client.connect(hub);
      client.networks.useRelay(hub.id, List.of());
    }
    return relay;
  }

  private static void transfer(PathNode from, PathNode to) throws Exception {
    byte[] sent = new byte[4 << 20];
    new Random(7).nextBytes(sent);
    int number = to.id.equals(PathNode.identity(1).id()) ? 1 : 0;
    try (TcpListener listener = to.stack.listen(80)) {
      Thread server =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (TcpStream stream = listener.accept()) {
                      stream.output().write(sent);
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  });
      try (TcpStream stream =
          from.stack.connect(PathNode.address(number), 80, Duration.ofSeconds(10))) {
        assertThat(stream.input().readAllBytes()).isEqualTo(sent);
      }
      server.join();
    }
  }

  @Test
  void theOwnerOfANetworkHearsHowANodeIsReached() throws Exception {
    PathNode one = node(FOUR, 2);
    PathNode other = node(SIX, 2);
    one.connect(other);
    soon().until(() -> other.host.connected(one.id));
    try (NetworkHost owner = P2p.start(HostConfig.of(PathNode.identity(PathNode.OWNER), LISTEN))) {
      one.host.connect(owner.id(), owner.listening(), Duration.ofSeconds(10));
      soon().until(() -> owner.connected(one.id));
      PathAdvice advice = PathQuestion.ask(owner, one.id, PathNode.NETWORK.id(), other.id, "web-1");
      assertThat(advice.verdict()).contains("over the connection of libp2p");
      assertThat(advice.tried()).allMatch(line -> line.state().equals("refused"));
      assertThat(advice.fix()).anyMatch(fix -> fix.contains("address of the same kind"));
      assertThatThrownBy(
              () -> PathQuestion.ask(owner, one.id, PathNode.NETWORK.id(), owner.id(), "me"))
          .hasMessageContaining("knows no way");
    }
    assertThatThrownBy(
            () -> PathQuestion.ask(other.host, one.id, PathNode.NETWORK.id(), other.id, "me"))
        .as("nobody else is told")
        .hasMessageContaining("knows no way");
  }

  @Test
  void strangersAreToldNothing() throws Exception {
    PathNode one = node(FOUR, 1);
    PathNode stranger = node(FOUR, 2);
    stranger.connect(one);
    PeerId id = one.id;
    soon().until(() -> stranger.host.connected(id));
    assertThat(stranger.pings(0)).isFalse();
    PathReport report = Objects.requireNonNull(stranger.networks.why(id), "a report");
    assertThat(report.tried()).as("it does not say where it is").isEmpty();
  }
}
