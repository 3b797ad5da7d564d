package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.network.Membership;
import java.util.Set;

/// What a node is told of one network.
///
/// @param after who is in it
/// @param mtu the longest packet of IP in it
/// @param from the version that the node has; 0 = it gets the whole
/// @param members ids of those that are not what they were at `from`
/// @param nodes those whose keys are not
/// @param egress whether something else may leave it than at `from`
public record NetworkPart(
    Membership after, int mtu, long from, Set<String> members, Set<PeerId> nodes, boolean egress) {
  public NetworkPart {
    members = Set.copyOf(members);
    nodes = Set.copyOf(nodes);
  }
}
