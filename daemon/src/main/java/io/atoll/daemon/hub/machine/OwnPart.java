package io.atoll.daemon.hub.machine;

import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.network.Membership;
import java.util.List;

/// What the hub's own node is to know of a network.
///
/// @param mtu the longest packet of IP in it
/// @param reach where its other nodes are
public record OwnPart(Membership membership, int mtu, List<NodeReach> reach) {
  public OwnPart {
    reach = List.copyOf(reach);
  }
}
