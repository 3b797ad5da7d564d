package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.vswitch.SwitchCounters.Lost;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.Engine;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Inbound;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// One node in two networks, as `NodeNetworks` joins them, with a wire of the simulation in place
/// of the socket.
final class IsolatedNode implements Paths, EngineClock, AutoCloseable {
  private record Origin(int network, int node) {}

  /// Where a datagram comes from.
  record From(int node) implements Path {
    @Override
    public byte[] source() {
      return new byte[] {(byte) node, 0, 0, 0, 0, 0};
    }
  }

  private final Isolation world;
  final int number;
  final PeerId id;
  private final Engine engine;
  private final Inbound inbound;
  private final List<PrivateKey> keys = new ArrayList<>();
  private final List<LocalIdentity> identities = new ArrayList<>();
  private final List<VirtualSwitch> switches = new ArrayList<>();
  private final List<Map<PeerId, Peer>> peers = List.of(new HashMap<>(), new HashMap<>());
  private final Map<Peer, Origin> origins = new HashMap<>();
  private final MemorySegment memory = Arena.ofAuto().allocate(70_000, 16);

  IsolatedNode(Isolation world, int number, PeerId id, List<Membership> memberships) {
    this.world = world;
    this.number = number;
    this.id = id;
    this.engine = new Engine(this, new Random(world.random.nextLong()), world.suite, this);
    this.inbound = engine.inbound();
    for (int network = 0; network < (number == 2 ? 1 : 2); network++) {
      byte[] scalar = new byte[PublicKey.BYTES];
      world.random.nextBytes(scalar);
      PrivateKey key = new PrivateKey(scalar);
      keys.add(key);
      LocalIdentity identity = engine.add(key);
      identities.add(identity);
      Map<PeerId, Peer> known = peers.get(network);
      switches.add(
          new VirtualSwitch(
              id,
              memberships.get(network),
              Isolation.MTU,
              () ->
                  new SealingUplink(
                      known::get, engine.outbound(identity, Isolation.MTU), this, this),
              this::nanos));
    }
  }

  /// Learns who the others are.
  void meet(List<IsolatedNode> nodes, List<Membership> memberships) {
    for (int network = 0; network < switches.size(); network++) {
      for (IsolatedNode other : nodes) {
        if (other.number != number && network < other.keys.size()) {
          List<Cidr> inner = new ArrayList<>();
          for (Member member : memberships.get(network).members().values()) {
            if (member.node().equals(other.id)) {
              inner.add(Cidr.around(member.v4(), 32));
              inner.add(Cidr.around(member.v6(), 128));
            }
          }
          Peer peer =
              engine.add(
                  identities.get(network),
                  PeerSettings.of(other.keys.get(network).publicKey(), inner));
          peers.get(network).put(other.id, peer);
          origins.put(peer, new Origin(network, other.number));
        }
      }
    }
  }

  VirtualSwitch vswitch(int network) {
    return switches.get(network);
  }

  Map<Lost, Long> fromOutside() {
    Map<Lost, Long> all = new EnumMap<>(Lost.class);
    for (VirtualSwitch each : switches) {
      each.fromOutside().lost().forEach((why, n) -> all.merge(why, n, Long::sum));
    }
    return all;
  }

  void run() {
    engine.run();
  }

  /// @return whether it was opened
  boolean received(byte[] datagram, int from) {
    Memory.copy(datagram, memory.address(), datagram.length);
    Outcome outcome = inbound.open(memory.address(), datagram.length, new From(from), world.now());
    if (outcome == Outcome.DATA) {
      Origin origin = Objects.requireNonNull(origins.get(inbound.peer()));
      int network = world.bugs.contains(Isolation.Bug.BY_ADDRESS) ? 0 : origin.network;
      PeerId node = world.nodes.get(origin.node).id;
      long at = inbound.packet() - memory.address();
      VirtualSwitch to = switches.get(network);
      if (world.bugs.contains(Isolation.Bug.ANY_SOURCE)) {
        // As if each node might speak for every member: the source is made to fit.
        Member first =
            to.table().membership().members().values().stream()
                .filter(member -> member.node().equals(node))
                .findFirst()
                .orElseThrow();
        if ((memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) & 0xf0) == 0x40) {
          MemorySegment.copy(MemorySegment.ofArray(first.v4().bytes()), 0, memory, at + 12, 4);
        }
      }
      to.deliver(node, memory, at, inbound.length());
      to.flush();
    }
    inbound.settle(world.now());
    return outcome == Outcome.DATA || outcome == Outcome.KEEPALIVE || outcome == Outcome.HANDSHAKE;
  }

  @Override
  public void send(Peer peer, long start, int length, int segment) {
    Origin to = Objects.requireNonNull(origins.get(peer));
    for (int at = 0; at < length; at += segment) {
      byte[] datagram = new byte[Math.min(segment, length - at)];
      Memory.copy(start + at, datagram, datagram.length);
      world.wire.take(number, to.node, datagram);
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof From(int node)) {
      world.wire.take(number, node, datagram);
    }
  }

  @Override
  public void heard(Peer peer, Path from) {}

  @Override
  public void forgotten(Peer peer) {}

  @Override
  public long nanos() {
    return world.now();
  }

  @Override
  public Instant wall() {
    return Instant.EPOCH.plusNanos(world.now());
  }

  @Override
  public void close() {
    switches.forEach(VirtualSwitch::close);
    engine.close();
  }
}
