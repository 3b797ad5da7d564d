package io.atoll.vpn.node;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.device.DevicePort;
import io.atoll.vpn.network.Membership;
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
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All networks that this node takes part in, on one UDP socket. A key of its own for each keeps
/// them apart: they may use the same addresses.
public final class NodeNetworks implements AutoCloseable {
  /// Whose a session is.
  ///
  /// @param device at which its packets come in; null for another node
  record Origin(NodeNetwork network, PeerId node, @Nullable DevicePort device) {}

  private final PeerId self;
  private final UdpPaths paths;
  private final Engine engine;
  private final EngineThread thread;
  private final Map<NetworkId, NodeNetwork> networks = new ConcurrentHashMap<>();
  private final Map<Peer, Origin> origins = new ConcurrentHashMap<>();

  private NodeNetworks(PeerId self, UdpSocket socket) {
    this.self = self;
    this.paths = new UdpPaths(socket);
    this.engine = new Engine(EngineClock.SYSTEM, new SecureRandom(), AeadSuite.choose(), paths);
    this.thread = EngineThread.start(engine, EngineClock.SYSTEM);
    socket.handle(
        PacketKind.WIREGUARD,
        receiver(socket.memory()));
  }

  /// For one thread, which reads packets into this memory.
  UdpSocket.Receiver receiver(MemorySegment memory) {
    return new OpeningReceiver(memory, engine.inbound(), origins::get, EngineClock.SYSTEM);
  }

  /// @param socket whose packets of WireGuard belong to this from now on; it stays the caller's
  public static NodeNetworks start(PeerId self, UdpSocket socket) {
    return new NodeNetworks(self, socket);
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
    return network;
  }

  /// Leaves a network: its ports are closed, its keys forgotten. Nothing happens if it is in none
  /// such.
  public synchronized void leave(NetworkId id) {
    NodeNetwork network = networks.remove(id);
    if (network != null) {
      network.close();
      engine.remove(network.identity());
    }
  }

  public @Nullable NodeNetwork network(NetworkId id) {
    return networks.get(id);
  }

  /// How many packets came to this end since the start; those that are none, too.
  public long counted(Outcome outcome) {
    return engine.counted(outcome);
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

  Uplink uplink(
      Function<PeerId, @Nullable Peer> peers, LocalIdentity identity, int mtu, Paths by) {
    return new SealingUplink(peers, engine.outbound(identity, mtu), by, EngineClock.SYSTEM);
  }

  Peer add(NodeNetwork network, LocalIdentity identity, PeerId node, PeerSettings settings) {
    Peer peer = engine.add(identity, settings);
    origins.put(peer, new Origin(network, node, null));
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

  void endpoint(Peer peer, InetSocketAddress address) {
    paths.endpoint(peer, address);
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
  }
}
