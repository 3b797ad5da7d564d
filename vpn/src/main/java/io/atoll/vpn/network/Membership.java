package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// Who is in a network at one version, the keys of their nodes, and what may leave it.
///
/// @param version 0 for a network that nobody has joined yet, one more with each change
public record Membership(
    Network network,
    long version,
    Members members,
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
      Map<String, Member> members,
      NavigableMap<PeerId, NodeKey> keys) {
    this(network, version, members, keys, Egress.NONE);
  }

  /// @param members each by its own id
  public Membership(
      Network network,
      long version,
      Map<String, Member> members,
      NavigableMap<PeerId, NodeKey> keys,
      Egress egress) {
    this(network, version, Members.of(network, members, sameNodes(keys)), keys, egress);
  }

  public Membership {
    if (version < 0) {
      throw new IllegalArgumentException("a membership of version " + version);
    }
    if (keys.size() > MOST) {
      throw new IllegalArgumentException("a network of " + keys.size() + " nodes");
    }
    members = Members.of(network, members, Map.of());
    for (Map.Entry<PeerId, NodeKey> entry : keys.entrySet()) {
      NodeKey key = entry.getValue();
      if (!key.node().equals(entry.getKey()) || !key.network().equals(network.id())) {
        throw new IllegalArgumentException(key + " stands for another");
      }
    }
    NavigableMap<PeerId, NodeKey> shared = new TreeMap<>();
    for (NodeKey key : keys.values()) {
      shared.put(key.node(), key.in(network.id()));
    }
    keys = Collections.unmodifiableNavigableMap(shared);
  }

  /// The objects that name nodes in the keys.
  private static Map<PeerId, PeerId> sameNodes(NavigableMap<PeerId, NodeKey> keys) {
    Map<PeerId, PeerId> same = new HashMap<>();
    keys.values().forEach(key -> same.put(key.node(), key.node()));
    return same;
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
    return new LinkedHashSet<>(members.nodes());
  }
}
