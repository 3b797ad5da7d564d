package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.IpAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// Who is in a network at one version, the keys of their nodes, and what may leave it. No two
/// members share an address, and each address lies in the network.
///
/// @param version 0 for a network that nobody has joined yet, one more with each change
public record Membership(
    Network network,
    long version,
    NavigableMap<String, Member> members,
    NavigableMap<PeerId, NodeKey> keys,
    Egress egress) {
  /// The most members, which bounds what a node holds of a network.
  public static final int MOST = 4096;

  /// What the owner's signature covers, in the one way to write it.
  private record Canonical(
      Network network,
      long version,
      Collection<Member> members,
      Collection<byte[]> keys,
      Egress egress) {}

  /// Of a network that nothing leaves.
  public Membership(
      Network network,
      long version,
      NavigableMap<String, Member> members,
      NavigableMap<PeerId, NodeKey> keys) {
    this(network, version, members, keys, Egress.NONE);
  }

  public Membership {
    if (version < 0) {
      throw new IllegalArgumentException("a membership of version " + version);
    }
    if (members.size() > MOST || keys.size() > MOST) {
      throw new IllegalArgumentException("a network of " + members.size() + " members");
    }
    Set<IpAddress> taken = new HashSet<>();
    members.forEach((id, member) -> check(network, id, member, taken));
    for (Map.Entry<PeerId, NodeKey> entry : keys.entrySet()) {
      NodeKey key = entry.getValue();
      if (!key.node().equals(entry.getKey()) || !key.network().equals(network.id())) {
        throw new IllegalArgumentException(key + " stands for another");
      }
    }
    Map<PeerId, PeerId> nodes = new HashMap<>();
    NavigableMap<PeerId, NodeKey> shared = new TreeMap<>();
    for (NodeKey key : keys.values()) {
      nodes.put(key.node(), key.node());
      shared.put(key.node(), key.in(network.id()));
    }
    keys = Collections.unmodifiableNavigableMap(shared);
    members = Collections.unmodifiableNavigableMap(sharing(members, nodes));
  }

  /// The same members; those on one node share the object that names it, which each would otherwise
  /// bring along from the wire.
  private static NavigableMap<String, Member> sharing(
      NavigableMap<String, Member> members, Map<PeerId, PeerId> nodes) {
    NavigableMap<String, Member> all = new TreeMap<>(members);
    all.replaceAll((_, member) -> member.at(nodes.computeIfAbsent(member.node(), node -> node)));
    return all;
  }

  private static void check(Network network, String id, Member member, Set<IpAddress> taken) {
    if (!member.id().equals(id)) {
      throw new IllegalArgumentException("member " + member.id() + " stands for " + id);
    }
    for (IpAddress address : new IpAddress[] {member.v4(), member.v6()}) {
      if (!network.isForMembers(address)) {
        throw new IllegalArgumentException(
            address + " is no address for a member of " + network.name());
      }
      if (!taken.add(address)) {
        throw new IllegalArgumentException("two members of " + network.name() + " at " + address);
      }
    }
  }

  /// Before anybody joined.
  public static Membership empty(Network network) {
    return new Membership(network, 0, new TreeMap<>(), new TreeMap<>());
  }

  /// The SHA-256 of all of it.
  public byte[] digest() {
    return Network.sha256(
        Json.bytes(
            new Canonical(
                network,
                version,
                members.values(),
                keys.values().stream().map(NodeKey::signed).toList(),
                egress)));
  }

  /// The nodes that hold a member.
  public Set<PeerId> nodes() {
    Set<PeerId> nodes = new HashSet<>();
    members.values().forEach(member -> nodes.add(member.node()));
    return nodes;
  }
}
