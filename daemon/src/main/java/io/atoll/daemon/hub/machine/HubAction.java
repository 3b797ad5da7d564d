package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NodeReach;
import io.atoll.market.activity.ToProvider;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import java.util.List;

/// What the shell does once the decision is on disk, in order. Nothing depends on its success: a
/// message that is lost is made good at the node's next hello or heartbeat.
public sealed interface HubAction {
  /// @param session the connection it is meant for; dropped if that is gone
  record Send(PeerId node, long session, ToProvider message) implements HubAction {}

  /// Tells a node of private networks. The shell signs each change as the network's owner.
  ///
  /// @param gone networks that the node is to leave
  record SendNetworks(
      PeerId node,
      long session,
      List<NetworkPart> parts,
      List<NetworkId> gone,
      List<NodeReach> reach)
      implements HubAction {
    public SendNetworks {
      parts = List.copyOf(parts);
      gone = List.copyOf(gone);
      reach = List.copyOf(reach);
    }
  }

  /// This hub's own node, which is no provider, takes part in a network as it is from now on.
  ///
  /// @param reach where its other nodes are
  /// @param devices those that reach it through this node
  record Own(Membership after, int mtu, List<NodeReach> reach, List<Device> devices)
      implements HubAction {
    public Own {
      reach = List.copyOf(reach);
      devices = List.copyOf(devices);
    }
  }

  /// This hub's own node holds no member of it any more.
  record OwnGone(NetworkId network) implements HubAction {}

  /// Ends a session, after everything sent on it so far.
  record Close(PeerId node, long session) implements HubAction {}

  record Reply(long ticket, Answer answer) implements HubAction {}
}
