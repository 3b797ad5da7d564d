package io.atoll.vpn.node;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.device.DevicePort;
import io.atoll.vpn.exit.Outside;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.path.Path;
import io.atoll.vpn.path.PathAdvice;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.PathReport;
import io.atoll.vpn.relay.PacketRelay;
import io.atoll.vpn.relay.RelayLimits;
import io.atoll.vpn.vswitch.SwitchCounters;
import io.atoll.vpn.vswitch.Uplink;
import io.atoll.vpn.wireguard.Engine;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.EngineThread;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All networks that this node takes part in, on one UDP socket. A key of its own for each keeps
/// them apart: they may use the same addresses.
public final class NodeNetworks implements AutoCloseable {
  /// Whose a session is.
  ///
  /// @param device at which its packets come in; null for another node
  record Origin(NodeNetwork network, PeerId node, @Nullable DevicePort device) {}

  private static final int WHY_TRIES = 12;

  /// A handshake costs half a millisecond, and ways are tried for it; whoever is not greeted is
  /// answered.
  private static final int MOST_GREETED = 64;

  private static final long WHY_PAUSE_MILLIS = 250;

  private final PeerId self;
  private final @Nullable HostDetours host;
  private final PeerPaths paths;
  private final Engine engine;
  private final EngineThread thread;
  private final Map<NetworkId, NodeNetwork> networks = new ConcurrentHashMap<>();
  private final Map<Peer, Origin> origins = new ConcurrentHashMap<>();

  /// What switches of networks counted that this node has left. Under the lock of this object.
  private final Map<SwitchCounters.Lost, Long> lostBefore =
      new EnumMap<>(SwitchCounters.Lost.class);

  private volatile Outside outside = Outside.NOTHING;

  private NodeNetworks(PeerId self, UdpSocket socket, @Nullable Host host) {
    SecureRandom random = new SecureRandom();
    this.self = self;
    this.host =
        host == null
            ? null
            : new HostDetours(host, socket, random, this::inside, this::opening, this::why);
    Detours detours = this.host == null ? new NoDetours() : this.host;
    this.paths = new PeerPaths(socket, EngineClock.SYSTEM, random, detours);
    this.engine = new Engine(EngineClock.SYSTEM, random, AeadSuite.choose(), paths);
    this.thread = EngineThread.start(engine, EngineClock.SYSTEM);
    paths.start();
    SocketReceiver.handle(socket, opening(), paths);
  }

  /// For one thread that reads.
  Opening opening() {
    return new Opening(engine.inbound(), origins::get, this::forgotten, EngineClock.SYSTEM);
  }

  /// Somebody seals for a session that is not here. A node whose session with us is from before we
  /// were started would go on with it for 15 s (WireGuard §6.2), so we begin another.
  private void forgotten(io.atoll.vpn.wireguard.Path from) {
    paths.toGreet(from).forEach(engine::want);
  }

  /// Begins sessions with the nodes of the networks that have members here, though nobody has asked
  /// for any yet. For a node that was just started: what others had with it before is void, and
  /// those who have something to say to it need not find out.
  public synchronized void greet() {
    networks.values().stream()
        .filter(NodeNetwork::hasMembersHere)
        .flatMap(network -> network.peers().stream())
        .limit(MOST_GREETED)
        .forEach(engine::want);
  }

  /// With nothing but UDP between the nodes' addresses, which somebody else has to tell.
  ///
  /// @param socket whose packets of WireGuard belong to this from now on; it stays the caller's
  public static NodeNetworks start(PeerId self, UdpSocket socket) {
    return new NodeNetworks(self, socket, null);
  }

  /// With all ways that there are: nodes tell each other over libp2p where they are, and packets
  /// go through relays and over streams where nothing else leads to a node.
  public static NodeNetworks start(UdpSocket socket, Host host) {
    return new NodeNetworks(host.id(), socket, host);
  }

  private boolean inside(InetAddress address) {
    IpAddress one = IpAddress.of(address);
    return networks.values().stream().anyMatch(network -> network.contains(one));
  }

  /// Nodes may be met at that one, such as the hub.
  ///
  /// @param addresses where it is dialled; none for those that are known
  public void useRelay(PeerId relay, List<String> addresses) {
    detours().use(relay, addresses, true);
  }

  /// Passes packets on for others, which it cannot read, from now on.
  ///
  /// @param clients who may ask for it
  public PacketRelay passOn(Predicate<PeerId> clients, RelayLimits limits) {
    return detours().passOn(clients, limits);
  }

  /// Where gateways let others in to the socket now, in place of what was said before.
  public void mapped(List<InetSocketAddress> outside) {
    detours().mapped(outside);
  }

  private HostDetours detours() {
    if (host == null) {
      throw new IllegalStateException("these networks were started without a host");
    }
    return host;
  }

  /// Tries to reach a node, for a moment, and says how that went. To nobody but the owner of a
  /// network with it.
  private @Nullable PathAdvice why(PeerId asker, NetworkId network, PeerId node, String name)
      throws InterruptedException {
    NodeNetwork known = networks.get(network);
    if (known == null || !known.owner().equals(asker) || !known.reaches(node)) {
      return null;
    }
    PathReport report = null;
    for (int i = 0; i < WHY_TRIES; i++) {
      paths.happened(node, new PathEvent.Wanted());
      Thread.sleep(WHY_PAUSE_MILLIS);
      report = paths.report(node);
      if (report != null && report.path() instanceof Path.Direct && report.answered()) {
        break;
      }
    }
    return report == null ? null : PathAdvice.of(report, name);
  }

  /// Takes part in a network.
  ///
  /// @param key of this node for this network alone
  /// @param mtu the longest packet of IP in it
  /// @throws AtollException `CONFLICT` if it does already
  public synchronized NodeNetwork join(Membership membership, PrivateKey key, int mtu) {
    NetworkId id = membership.network().id();
    if (networks.containsKey(id)) {
      throw new AtollException(
          ErrorCode.CONFLICT, "this node is in network " + id + " already", "");
    }
    NodeNetwork network = new NodeNetwork(this, engine.add(key), membership, mtu);
    networks.put(id, network);
    network.update(membership);
    if (host != null) {
      // Whoever keeps the network is known to all its nodes: where it passes packets on, they meet.
      host.use(network.owner(), List.of(), true);
    }
    return network;
  }

  /// Leaves a network: its ports are closed, its keys forgotten. Nothing happens if it is in none
  /// such.
  public synchronized void leave(NetworkId id) {
    NodeNetwork network = networks.remove(id);
    if (network != null) {
      network.close();
      engine.remove(network.identity());
      for (SwitchCounters.Lost why : SwitchCounters.Lost.values()) {
        lostBefore.merge(why, network.vswitch().lost(why), Long::sum);
      }
    }
  }

  /// What this node lets be reached from all its networks, as far as their own rules allow it;
  /// nothing until this is called.
  public synchronized void outside(Outside now) {
    outside = now;
    networks.values().forEach(NodeNetwork::reachOutside);
  }

  public Outside outside() {
    return outside;
  }

  public @Nullable NodeNetwork network(NetworkId id) {
    return networks.get(id);
  }

  /// How many packets came to this end since the start; those that are none, too.
  public long counted(Outcome outcome) {
    return engine.counted(outcome);
  }

  /// How many packets of members, and for members, went nowhere for this reason, in all networks
  /// since the start.
  public synchronized long lost(SwitchCounters.Lost why) {
    long sum = lostBefore.getOrDefault(why, 0L);
    for (NodeNetwork network : networks.values()) {
      sum += network.vswitch().lost(why);
    }
    return sum;
  }

  /// Datagrams that had nowhere to go, or that the system did not take.
  public long lost() {
    return paths.lost();
  }

  /// Sessions and handshakes that are underway.
  int openSessions() {
    return engine.openIndices();
  }

  PeerId self() {
    return self;
  }

  Uplink uplink(Function<PeerId, @Nullable Peer> peers, LocalIdentity identity, int mtu) {
    return uplink(peers, identity, mtu, paths);
  }

  Uplink uplink(Function<PeerId, @Nullable Peer> peers, LocalIdentity identity, int mtu, Paths by) {
    return new SealingUplink(peers, engine.outbound(identity, mtu), by, EngineClock.SYSTEM);
  }

  Peer add(NodeNetwork network, LocalIdentity identity, PeerId node, PeerSettings settings) {
    Peer peer = engine.add(identity, settings);
    origins.put(peer, new Origin(network, node, null));
    paths.join(peer, node);
    return peer;
  }

  Peer add(NodeNetwork network, LocalIdentity door, DevicePort device, PeerSettings settings) {
    Peer peer = engine.add(door, settings);
    origins.put(peer, new Origin(network, self, device));
    return peer;
  }

  LocalIdentity door(PrivateKey key) {
    return engine.add(key);
  }

  void forget(LocalIdentity door) {
    engine.remove(door);
  }

  void update(Peer peer, PeerSettings settings) {
    engine.update(peer, settings);
  }

  void told(PeerId node, InetSocketAddress address) {
    paths.told(node, address);
  }

  /// Whether a network here has a member on that node.
  public boolean knows(PeerId node) {
    return paths.knows(node);
  }

  /// How packets get to another node now, and what was tried; null while no network here has a
  /// member there.
  public @Nullable PathReport why(PeerId node) {
    return paths.report(node);
  }

  void forget(Peer peer) {
    engine.remove(peer);
    origins.remove(peer);
  }

  @Override
  public synchronized void close() {
    List.copyOf(networks.keySet()).forEach(this::leave);
    thread.close();
    engine.close();
    paths.close();
  }
}
