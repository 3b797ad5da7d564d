package io.atoll.vpn.node;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.DeviceConfig;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A network on two nodes, and a telephone that reaches it through the first:
///
/// ```
///   phone 10.7.0.9 ─── WireGuard ─── hub ─── 10.7.0.2 near
///                                     └───── WireGuard ───── far ─── 10.7.0.3 web
/// ```
final class DeviceLab implements AutoCloseable {
  static final int MTU = 1420;

  final Identity owner = Identity.generate();
  final Identity other = Identity.generate();
  final Network network =
      Network.of(NetworkId.random(new Random(1)), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
  final Member near = member("near", owner.id(), 2);
  final Member web = member("web", other.id(), 3);
  final Member phone = member("phone", owner.id(), 9);
  final NodeNetworks hub;
  final NodeNetworks far;
  final NodeNetwork atHub;
  final NodeNetwork atFar;
  final Stack nearStack;
  final Stack webStack;
  final UdpSocket socket;
  final PrivateKey door = PrivateKey.random(new SecureRandom());
  private final TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private long version;

  /// @param outside where devices reach the first node
  DeviceLab(InetSocketAddress outside) throws Exception {
    socket = UdpSocket.bind(outside);
    opened.add(socket);
    UdpSocket second = UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0));
    opened.add(second);
    hub = NodeNetworks.start(owner.id(), socket);
    opened.add(hub);
    far = NodeNetworks.start(other.id(), second);
    opened.add(far);
    PrivateKey hubKey = key(owner);
    PrivateKey farKey = key(other);
    Membership all = membership(near, web, phone);
    atHub = hub.join(all, hubKey, MTU);
    atFar = far.join(all, farKey, MTU);
    atHub.reach(other.id(), second.address());
    nearStack = stack(atHub, near);
    webStack = stack(atFar, web);
  }

  private PrivateKey key(Identity of) {
    PrivateKey key = PrivateKey.random(new SecureRandom());
    keys.put(of.id(), NodeKey.sign(of, network.id(), key.publicKey().bytes(), Instant.now()));
    return key;
  }

  Membership membership(Member... members) {
    TreeMap<String, Member> all = new TreeMap<>();
    for (Member member : members) {
      all.put(member.id(), member);
    }
    return new Membership(network, ++version, all, keys);
  }

  Member member(String name, PeerId node, int number) {
    return new Member(
        name, name, node, network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private Stack stack(NodeNetwork at, Member member) {
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
    at.attach(member, pair.one(), null);
    StackAtPort made =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), MTU),
            pair.other());
    opened.add(made);
    return made.stack();
  }

  /// Lets the phone in, as somebody would who invites it.
  ///
  /// @param key of the phone
  DeviceConfig invite(PrivateKey key, String privateText, String endpoint) {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    atHub.serve(
        door, List.of(new Device("phone", key.publicKey(), new PresharedKey(secret.clone()))));
    return new DeviceConfig(
        privateText,
        List.of(phone.v4(), phone.v6()),
        List.of(network.gateway4(), network.gateway6()),
        "mynet.internal",
        MTU,
        door.publicKey().toString(),
        Base64.getEncoder().encodeToString(secret),
        endpoint,
        List.of(network.v4(), network.v6()));
  }

  long lost(io.atoll.vpn.vswitch.SwitchCounters.Lost why) {
    return Objects.requireNonNull(atHub.vswitch().counts("phone")).lost().getOrDefault(why, 0L);
  }

  static IpAddress address(String text) {
    return IpAddress.parse(text);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }
}
