package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NodeReach;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a node has to be told of networks: the difference to what it was told before, or the whole.
final class NetworkPushes {
  private NetworkPushes() {}

  /// @param moved whether nodes are reached elsewhere, so that it is looked at for all networks
  /// @return null if there is nothing to tell
  static HubAction.@Nullable SendNetworks to(
      Memory memory, LiveNode node, Collection<NetworkId> some, boolean moved) {
    if (node.session == 0 || !node.knowsNetworks) {
      return null;
    }
    List<NetworkPart> parts = new ArrayList<>();
    List<NetworkId> gone = new ArrayList<>();
    for (NetworkId id : some) {
      LiveNetwork network = memory.networks.get(id);
      if (network != null && network.nodes().contains(node.id)) {
        NetworkPart part = part(network, node.told.getOrDefault(id, 0L));
        if (part != null) {
          parts.add(part);
          node.told.put(id, network.version());
        }
      } else if (node.told.remove(id) != null) {
        gone.add(id);
      }
    }
    List<NodeReach> reach = reach(memory, node, moved ? memory.networks.keySet() : some);
    return parts.isEmpty() && gone.isEmpty() && reach.isEmpty()
        ? null
        : new HubAction.SendNetworks(node.id, node.session, parts, gone, reach);
  }

  private static @Nullable NetworkPart part(LiveNetwork network, long from) {
    if (from == network.version()) {
      return null;
    }
    if (from > 0 && network.remembers(from)) {
      return new NetworkPart(
          network.membership(),
          network.row.mtu(),
          from,
          network.membersSince(from),
          network.nodesSince(from),
          network.egressSince(from));
    }
    return new NetworkPart(
        network.membership(),
        network.row.mtu(),
        0,
        network.membership().members().keySet(),
        network.keys.keySet(),
        true);
  }

  /// Where nodes are reached, as far as they have told.
  static List<NodeReach> known(Memory memory, Collection<PeerId> nodes) {
    List<NodeReach> reach = new ArrayList<>();
    for (PeerId id : nodes) {
      LiveNode node = memory.node(id);
      if (node != null && !node.addresses.isEmpty()) {
        reach.add(new NodeReach(id, node.addresses));
      }
    }
    return reach;
  }

  /// Where the other nodes of its networks are, as far as it was not told so already.
  private static List<NodeReach> reach(
      Memory memory, LiveNode node, Collection<NetworkId> networks) {
    Set<PeerId> others = new TreeSet<>();
    for (NetworkId id : networks) {
      LiveNetwork network = memory.networks.get(id);
      if (network != null && network.nodes().contains(node.id)) {
        others.addAll(network.nodes());
      }
    }
    others.remove(node.id);
    List<NodeReach> reach = new ArrayList<>();
    for (PeerId other : others) {
      LiveNode known = memory.node(other);
      if (known != null
          && !known.addresses.isEmpty()
          && !known.addresses.equals(node.reachTold.put(other, known.addresses))) {
        reach.add(new NodeReach(other, known.addresses));
      }
    }
    return reach;
  }
}
