package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A private network that this provider holds members of, as its hub told it last. So its packets
/// flow again after a restart of the daemon, hub or not.
///
/// @param hub who told it, and owns it
/// @param mtu the longest packet of IP in it
/// @param keys of its nodes, as they signed them
/// @param reach where its nodes were
/// @param egress what may leave it; records of before have none
/// @param devices those that this node lets in, as the network's owner signed them; null = none
public record NetworkRecord(
    PeerId hub,
    Network network,
    int mtu,
    long version,
    List<Member> members,
    List<byte[]> keys,
    List<NodeReach> reach,
    Egress egress,
    byte @Nullable [] devices) {
  @SuppressWarnings("RedundantNullCheck") // Jackson gives null for what a record lacks.
  public NetworkRecord {
    members = List.copyOf(members);
    keys = List.copyOf(keys);
    reach = List.copyOf(reach);
    egress = egress == null ? Egress.NONE : egress;
  }

  public static NetworkRecord of(
      PeerId hub,
      Membership membership,
      int mtu,
      Collection<NodeReach> reach,
      @Nullable SignedDevices devices) {
    return new NetworkRecord(
        hub,
        membership.network(),
        mtu,
        membership.version(),
        List.copyOf(membership.members().values()),
        membership.keys().values().stream().map(NodeKey::signed).toList(),
        List.copyOf(reach),
        membership.egress(),
        devices == null ? null : devices.signed());
  }

  public NetworkId id() {
    return network.id();
  }

  /// The devices that this node lets in; null = none.
  public @Nullable SignedDevices devices(PeerId self) {
    return devices == null ? null : SignedDevices.open(devices, network, self);
  }

  /// Who is in it.
  public Membership membership() {
    TreeMap<String, Member> byId = new TreeMap<>();
    members.forEach(member -> byId.put(member.id(), member));
    TreeMap<PeerId, NodeKey> byNode = new TreeMap<>();
    for (byte[] signed : keys) {
      NodeKey key = NodeKey.open(signed);
      byNode.put(key.node(), key);
    }
    return new Membership(network, version, byId, byNode, egress);
  }
}
