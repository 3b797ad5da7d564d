package io.atoll.vpn.node;

import io.atoll.core.term.MacAddress;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One network on this node: its switch, and a session with each other node that holds a member.
public final class NodeNetwork {
  private final NodeNetworks node;
  private final LocalIdentity identity;
  private final VirtualSwitch vswitch;
  private volatile Network network;
  private final Map<PeerId, Peer> peers = new ConcurrentHashMap<>();
  private final Map<PeerId, InetSocketAddress> endpoints = new ConcurrentHashMap<>();

  NodeNetwork(NodeNetworks node, LocalIdentity identity, Membership membership, int mtu) {
    this.node = node;
    this.identity = identity;
    this.network = membership.network();
    this.vswitch =
        new VirtualSwitch(
            node.self(), membership, mtu, () -> node.uplink(peers::get, identity, mtu));
  }

  /// From now on these are the members and the keys of their nodes. Sessions with nodes whose key
  /// is the same go on.
  public synchronized void update(Membership membership) {
    Map<PeerId, List<Cidr>> addresses = new HashMap<>();
    for (Member member : membership.members().values()) {
      List<Cidr> of = addresses.computeIfAbsent(member.node(), _ -> new ArrayList<>());
      of.add(Cidr.around(member.v4(), member.v4().width()));
      of.add(Cidr.around(member.v6(), member.v6().width()));
    }
    addresses.remove(node.self());
    addresses.keySet().retainAll(membership.keys().keySet());
    for (PeerId other : List.copyOf(peers.keySet())) {
      NodeKey key = membership.keys().get(other);
      Peer peer = peers.get(other);
      if (peer != null && (key == null || !addresses.containsKey(other) || !has(peer, key))) {
        peers.remove(other);
        node.forget(peer);
      }
    }
    addresses.forEach(
        (other, allowed) -> {
          NodeKey key = membership.keys().get(other);
          if (key != null) {
            know(other, PeerSettings.of(new PublicKey(key.key()), allowed));
          }
        });
    network = membership.network();
    vswitch.update(membership);
  }

  /// Whether an address lies in this network: what goes there goes through it, and is no way to it.
  boolean contains(IpAddress address) {
    return (address.isV4() ? network.v4() : network.v6()).contains(address);
  }

  private static boolean has(Peer peer, NodeKey key) {
    return peer.publicKey().equals(new PublicKey(key.key()));
  }

  private void know(PeerId other, PeerSettings settings) {
    Peer known = peers.get(other);
    if (known != null) {
      node.update(known, settings);
      return;
    }
    Peer peer = node.add(this, identity, other, settings);
    peers.put(other, peer);
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
    vswitch.close();
    peers.values().forEach(node::forget);
    peers.clear();
  }
}
