package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.vswitch.SwitchCounters;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two nodes on loopback that share two networks of the same block:
///
/// ```
///   one: red 10.7.0.2   blue 10.7.0.2          two: red 10.7.0.3   blue 10.7.0.3
///          └───────┬───────┘                          └───────┬───────┘
///              NodeNetworks ──── UDP, 127.0.0.1 ──── NodeNetworks
/// ```
@Timeout(60)
class NodeNetworksTest {
  private static final int MTU = 1420;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Identity owner = Identity.generate();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Membership> memberships = new HashMap<>();

  private final class Node {
    final Identity identity = Identity.generate();
    final UdpSocket socket;
    final NodeNetworks networks;
    final Map<String, PrivateKey> keys = new HashMap<>();
    final Map<String, Stack> stacks = new HashMap<>();

    Node() throws Exception {
      socket = UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0));
      opened.add(socket);
      networks = NodeNetworks.start(identity.id(), socket);
      opened.add(networks);
    }

    NodeNetwork in(String name) {
      return Objects.requireNonNull(
          networks.network(membership(name).network().id()), "the network");
    }

    Stack stack(String name) {
      return Objects.requireNonNull(stacks.get(name), "a stack");
    }
  }

  private Membership membership(String name) {
    return Objects.requireNonNull(memberships.get(name), "a network");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Member member(Network network, Node node, int number) {
    return new Member(
        "m" + number,
        "m" + number,
        node.identity.id(),
        network.v4().base().plus(number),
        network.v6().base().plus(number));
  }

  /// Both nodes join, as they would by what the owner sends.
  private void network(String name) throws Exception {
    Network network =
        Network.of(
            NetworkId.random(new Random(name.hashCode())),
            name,
            owner.id(),
            Cidr.parse("10.7.0.0/24"));
    TreeMap<String, Member> members = new TreeMap<>();
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      PrivateKey key = PrivateKey.random(new SecureRandom());
      node.keys.put(name, key);
      Member member = member(network, node, i + 2);
      members.put(member.id(), member);
      keys.put(
          node.identity.id(),
          NodeKey.sign(node.identity, network.id(), key.publicKey().bytes(), Instant.now()));
    }
    Membership whole = new Membership(network, 1, members, keys);
    Change change = Change.between(owner, Membership.empty(network), whole);
    assertThat(change.apply(Membership.empty(network)))
        .isEqualTo(new Change.Outcome.Applied(whole));
    memberships.put(name, whole);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      NodeNetwork here =
          node.networks.join(whole, Objects.requireNonNull(node.keys.get(name), "a key"), MTU);
      for (Node other : nodes) {
        if (other != node) {
          here.reach(other.identity.id(), other.socket.address());
        }
      }
      attach(node, name, member(network, node, i + 2));
    }
  }

  private void attach(Node node, String name, Member member) {
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
    node.in(name).attach(member, pair.one(), null);
    StackAtPort stack =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) inet(member.v4()), (Inet6Address) inet(member.v6()), MTU),
            pair.other());
    opened.add(stack);
    node.stacks.put(name, stack.stack());
  }

  private static InetAddress inet(IpAddress address) {
    return address.toInet();
  }

  private void twoNodes() throws Exception {
    nodes.add(new Node());
    nodes.add(new Node());
  }

  private InetAddress at(String name, int number) {
    return inet(membership(name).network().v4().base().plus(number));
  }

  @Test
  void aNodeWithAKeyThatIsNoneOrAnothersIsLeftOutAlone() throws Exception {
    twoNodes();
    network("red");
    Membership red = membership("red");
    TreeMap<String, Member> members = new TreeMap<>(red.members());
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>(red.keys());
    for (byte[] key : List.of(new byte[32], keys.firstEntry().getValue().key())) {
      Identity liar = Identity.generate();
      int number = members.size() + 2;
      members.put(
          "m" + number,
          new Member(
              "m" + number,
              "m" + number,
              liar.id(),
              red.network().v4().base().plus(number),
              red.network().v6().base().plus(number)));
      keys.put(liar.id(), NodeKey.sign(liar, red.network().id(), key, Instant.now()));
    }
    Membership worse = new Membership(red.network(), 2, members, keys);
    nodes.forEach(node -> node.in("red").update(worse));
    assertThat(nodes.getFirst().in("red").vswitch().table().membership()).isEqualTo(worse);
    assertThat(nodes.getFirst().stack("red").ping(at("red", 3), PATIENCE)).isPositive();
    assertThat(nodes.getLast().stack("red").ping(at("red", 2), PATIENCE)).isPositive();
  }

  @Test
  void membersReachEachOtherThroughSealedPackets() throws Exception {
    twoNodes();
    network("red");
    Stack one = nodes.getFirst().stack("red");
    assertThat(one.ping(at("red", 3), PATIENCE)).isPositive();
    assertThat(one.ping(inet(membership("red").network().v6().base().plus(3)), PATIENCE))
        .isPositive();
    assertThat(one.ping(at("red", 1), PATIENCE)).as("the switch").isPositive();
    byte[] sent = new byte[8 << 20];
    new Random(7).nextBytes(sent);
    try (TcpListener listener = nodes.getLast().stack("red").listen(80)) {
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
      try (TcpStream stream = one.connect(at("red", 3), 80, PATIENCE)) {
        assertThat(stream.input().readAllBytes()).isEqualTo(sent);
      }
      server.join();
    }
    assertThat(nodes.getLast().networks.counted(Outcome.SENT)).isGreaterThan(5_000);
    assertThat(nodes.getFirst().networks.counted(Outcome.FORGED)).isZero();
  }

  @Test
  void networksOfTheSameBlockDoNotMeet() throws Exception {
    twoNodes();
    network("red");
    network("blue");
    Stack red = nodes.getFirst().stack("red");
    Stack blue = nodes.getFirst().stack("blue");
    assertThat(red.ping(at("red", 3), PATIENCE)).isPositive();
    assertThat(blue.ping(at("blue", 3), PATIENCE)).isPositive();
    // Nobody but in red is at .3 from now on; the address is the same in both.
    Membership alone = without("blue", "m3");
    nodes.forEach(node -> node.in("blue").update(alone));
    assertThat(red.ping(at("red", 3), PATIENCE)).isPositive();
    assertThatThrownBy(() -> blue.ping(at("blue", 3), Duration.ofSeconds(2)))
        .hasMessageContaining("10.7.0.3");
    assertThat(counts(nodes.getFirst(), "blue", "m2").lost())
        .containsKey(SwitchCounters.Lost.NOBODY);
  }

  private Membership without(String name, String id) {
    Membership before = membership(name);
    TreeMap<String, Member> members = new TreeMap<>(before.members());
    members.remove(id);
    return new Membership(before.network(), before.version() + 1, members, before.keys());
  }

  private static SwitchCounters.Counts counts(Node node, String name, String member) {
    return Objects.requireNonNull(node.in(name).vswitch().counts(member), "counts");
  }

  @Test
  void aNodeThatMovesIsFoundAgain() throws Exception {
    twoNodes();
    network("red");
    Stack one = nodes.getFirst().stack("red");
    assertThat(one.ping(at("red", 3), PATIENCE)).isPositive();
    // Told wrongly where the other is: its next packet shows where it really is.
    nodes
        .getFirst()
        .in("red")
        .reach(nodes.getLast().identity.id(), new InetSocketAddress("127.0.0.1", 9));
    assertThat(nodes.getLast().stack("red").ping(at("red", 2), PATIENCE)).isPositive();
    assertThat(one.ping(at("red", 3), PATIENCE)).isPositive();
  }

  @Test
  void whatIsLeftIsGone() throws Exception {
    twoNodes();
    network("red");
    Node first = nodes.getFirst();
    assertThat(first.stack("red").ping(at("red", 3), PATIENCE)).isPositive();
    first.networks.leave(membership("red").network().id());
    assertThat(first.networks.network(membership("red").network().id())).isNull();
    await().until(() -> first.networks.openSessions() == 0);
  }
}
