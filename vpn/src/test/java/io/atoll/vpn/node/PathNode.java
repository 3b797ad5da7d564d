package io.atoll.vpn.node;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.path.Path;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A node of tests of paths, with one member in one network. Who it is follows from its number, so
/// that several processes agree on all of them.
final class PathNode implements AutoCloseable {
  static final int MTU = 1400;
  static final int OWNER = 99;
  static final Network NETWORK =
      Network.of(
          NetworkId.random(new Random(5)), "red", identity(OWNER).id(), Cidr.parse("10.7.0.0/24"));

  final PeerId id;
  final NetworkHost host;
  final UdpSocket socket;
  final NodeNetworks networks;
  final Stack stack;
  private final StackAtPort port;

  /// @param libp2p where its host listens
  /// @param udp where its socket is bound
  /// @param all how many nodes have a member
  PathNode(int number, List<String> libp2p, InetSocketAddress udp, int all) throws Exception {
    this.id = identity(number).id();
    this.host = P2p.start(HostConfig.of(identity(number), libp2p));
    this.socket = UdpSocket.bind(udp);
    this.networks = NodeNetworks.start(socket, host);
    NodeNetwork network = networks.join(membership(all), key(number), MTU);
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
    Member member = member(number);
    network.attach(member, pair.one(), null);
    this.port =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), MTU),
            pair.other());
    this.stack = port.stack();
  }

  static Identity identity(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) (number + 1));
    return Identity.ofSeed(seed);
  }

  private static PrivateKey key(int number) {
    byte[] scalar = new byte[32];
    Arrays.fill(scalar, (byte) (number + 101));
    return PrivateKey.parse(Base64.getEncoder().encodeToString(scalar));
  }

  private static Member member(int number) {
    return new Member(
        "m" + number,
        "m" + number,
        identity(number).id(),
        NETWORK.v4().base().plus(number + 2L),
        NETWORK.v6().base().plus(number + 2L));
  }

  private static Membership membership(int all) {
    TreeMap<String, Member> members = new TreeMap<>();
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    for (int i = 0; i < all; i++) {
      Member member = member(i);
      members.put(member.id(), member);
      byte[] key = key(i).publicKey().bytes();
      keys.put(member.node(), NodeKey.sign(identity(i), NETWORK.id(), key, Instant.EPOCH));
    }
    return new Membership(NETWORK, 1, members, keys);
  }

  static InetAddress address(int number) {
    return member(number).v4().toInet();
  }

  void connect(PathNode other) throws Exception {
    host.connect(other.id, other.host.listening(), Duration.ofSeconds(10));
  }

  /// The way to another now.
  Path way(int number) {
    PathReport report = networks.why(identity(number).id());
    return report == null ? new Path.Nowhere() : report.path();
  }

  /// Whether the other answers now, with a little patience.
  boolean pings(int number) throws InterruptedException {
    try {
      stack.ping(address(number), Duration.ofSeconds(2));
      return true;
    } catch (RuntimeException silent) {
      return false;
    }
  }

  @Override
  public void close() {
    port.close();
    networks.close();
    socket.close();
    host.close();
  }
}
