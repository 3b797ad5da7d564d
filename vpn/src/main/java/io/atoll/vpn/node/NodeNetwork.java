package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.exit.ExitCounters;
import io.atoll.vpn.exit.ExitLimits;
import io.atoll.vpn.exit.Outside;
import io.atoll.vpn.exit.SocketExit;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One network on this node: its switch, and a session with each other node that holds a member.
public final class NodeNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(NodeNetwork.class);

  private final NodeNetworks node;
  private final LocalIdentity identity;
  private final VirtualSwitch vswitch;
  private volatile Network network;
  private final Map<PeerId, Peer> peers = new ConcurrentHashMap<>();
  private final Map<PeerId, InetSocketAddress> endpoints = new ConcurrentHashMap<>();
  private final int mtu;
  private final Owned owners;

  // Under the lock of this object.
  private @Nullable SocketExit exit;
  private @Nullable Doorman doorman;
  private Outside reaches = Outside.NOTHING;

  NodeNetwork(NodeNetworks node, LocalIdentity identity, Membership membership, int mtu) {
    this.node = node;
    this.identity = identity;
    this.network = membership.network();
    this.mtu = mtu;
    this.owners = new Owned(new RouteTable(membership, node.self()), Map.of());
    identity.ownedBy(owners);
    this.vswitch =
        new VirtualSwitch(
            node.self(), membership, mtu, () -> node.uplink(peers::get, identity, mtu));
  }

  /// From now on these are the members and the keys of their nodes. Sessions with nodes whose key
  /// is the same go on.
  public synchronized void update(Membership membership) {
    Set<PeerId> others = new HashSet<>(membership.nodes());
    others.remove(node.self());
    others.retainAll(membership.keys().keySet());
    for (PeerId other : List.copyOf(peers.keySet())) {
      NodeKey key = membership.keys().get(other);
      Peer peer = peers.get(other);
      if (peer != null && (key == null || !others.contains(other) || !has(peer, key))) {
        peers.remove(other);
        node.forget(peer);
      }
    }
    network = membership.network();
    for (PeerId other : others) {
      NodeKey key = membership.keys().get(other);
      if (key != null) {
        // Which addresses are its peers' the members' table knows.
        know(other, PeerSettings.of(new PublicKey(key.key()), List.of()));
      }
    }
    vswitch.update(membership);
    owners.update(vswitch.table(), peers);
    reachOutside();
    if (doorman != null) {
      doorman.update(membership);
    }
  }

  PeerId owner() {
    return network.owner();
  }

  /// Sessions with other nodes.
  Collection<Peer> peers() {
    return peers.values();
  }

  /// Whether somebody in it is on this node.
  boolean hasMembersHere() {
    return vswitch.table().membership().members().nodes().contains(node.self());
  }

  /// Whether another node has a member in it.
  boolean reaches(PeerId other) {
    return peers.containsKey(other);
  }

  /// Whether an address lies in this network: what goes there goes through it, and is no way to it.
  boolean contains(IpAddress address) {
    return (address.isV4() ? network.v4() : network.v6()).contains(address);
  }

  private static boolean has(Peer peer, NodeKey key) {
    return peer.publicKey().equals(new PublicKey(key.key()));
  }

  /// A node whose key is none, or another's, is not reached; the others are.
  private void know(PeerId other, PeerSettings settings) {
    Peer known = peers.get(other);
    if (known != null) {
      node.update(known, settings);
      return;
    }
    try {
      peers.put(other, node.add(this, identity, other, settings));
    } catch (IllegalArgumentException e) {
      LOG.warn("node {} is not reached in network {}: {}", other, network.id(), e.getMessage());
      return;
    }
    InetSocketAddress endpoint = endpoints.get(other);
    if (endpoint != null) {
      node.told(other, endpoint);
    }
  }

  /// Says where another node is, until it is heard from elsewhere.
  public synchronized void reach(PeerId other, InetSocketAddress endpoint) {
    endpoints.put(other, endpoint);
    if (peers.containsKey(other)) {
      node.told(other, endpoint);
    }
  }

  /// Attaches a member's port; see [VirtualSwitch#attach].
  public void attach(Member member, PacketPort port, @Nullable MacAddress card) {
    vswitch.attach(member, port, card);
  }

  public void detach(String member) {
    vswitch.detach(member);
  }

  public VirtualSwitch vswitch() {
    return vswitch;
  }

  /// From now on these devices reach the network through this node; those that are not among them
  /// any more reach it no longer. Sessions of those that stay go on.
  ///
  /// @param door the key that they know this node by, in this network, for as long as it has any
  public synchronized void serve(PrivateKey door, List<Device> devices) {
    Doorman before = doorman;
    if (before != null && !before.door().publicKey().equals(door.publicKey())) {
      before.close();
      node.forget(before.door());
      before = null;
    }
    Doorman now = before != null ? before : new Doorman(node, this, vswitch, mtu, node.door(door));
    doorman = now;
    now.serve(devices, vswitch.table().membership());
  }

  /// The session of a device; null if it is none of this node's.
  public synchronized @Nullable Peer device(String member) {
    return doorman == null ? null : doorman.peer(member);
  }

  /// What may leave the network from here is as its owner and this node's operator say now.
  synchronized void reachOutside() {
    Egress rules = vswitch.table().membership().egress();
    Outside outside = node.outside();
    SocketExit before = exit;
    SocketExit next = before;
    if (!rules.any() || !outside.any()) {
      next = null;
    } else if (before == null || !outside.equals(reaches)) {
      Network network = vswitch.table().membership().network();
      next = SocketExit.start(network, mtu, outside, ExitLimits.USUAL, new Entering(vswitch));
    }
    exit = next;
    reaches = outside;
    vswitch.egress(rules, next);
    if (before != null && !before.equals(next)) {
      before.close();
    }
  }

  /// What the way out has done; null while there is none.
  public synchronized @Nullable ExitCounters exitCounters() {
    return exit == null ? null : exit.counters();
  }

  /// The session with another node; null if it has no member.
  @Nullable Peer peer(PeerId other) {
    return peers.get(other);
  }

  LocalIdentity identity() {
    return identity;
  }

  void deliver(PeerId from, MemorySegment memory, long at, int bytes) {
    vswitch.deliver(from, memory, at, bytes);
  }

  void delivered() {
    vswitch.flush();
  }

  synchronized void close() {
    if (doorman != null) {
      doorman.close();
      node.forget(doorman.door());
      doorman = null;
    }
    vswitch.close();
    if (exit != null) {
      exit.close();
      exit = null;
    }
    peers.values().forEach(node::forget);
    peers.clear();
  }
}
