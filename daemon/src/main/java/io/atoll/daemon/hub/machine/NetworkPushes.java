package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.device.Device;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        NetworkPart part = part(network, node.id, node.told.getOrDefault(id, 0L));
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

  /// What the hub's own node has to know, where it is no provider; all of it at first.
  static List<HubAction> own(Memory memory, Collection<NetworkId> some, boolean moved) {
    Map<NetworkId, Long> told = memory.ownTold;
    Collection<NetworkId> looked = moved || told == null ? memory.networks.keySet() : some;
    if (told == null) {
      told = new HashMap<>();
      memory.ownTold = told;
    }
    List<HubAction> actions = new ArrayList<>();
    for (NetworkId id : looked) {
      LiveNetwork network = memory.networks.get(id);
      PeerId own = network == null ? null : network.row.owner();
      boolean in =
          network != null
              && own != null
              && !memory.nodes.containsKey(own)
              && network.nodes().contains(own);
      if (network != null && own != null && in) {
        Long before = told.put(id, network.version());
        if (moved || before == null || before != network.version()) {
          actions.add(
              new HubAction.Own(
                  network.membership(),
                  network.row.mtu(),
                  known(memory, network.nodes()),
                  network.devicesAt(own)));
        }
      } else if (told.remove(id) != null) {
        actions.add(new HubAction.OwnGone(id));
      }
    }
    return actions;
  }

  private static List<NodeReach> known(Memory memory, Set<PeerId> nodes) {
    List<NodeReach> known = new ArrayList<>();
    for (PeerId id : nodes) {
      LiveNode node = memory.node(id);
      if (node != null && !node.addresses.isEmpty()) {
        known.add(new NodeReach(id, node.addresses));
      }
    }
    return known;
  }

  private static @Nullable NetworkPart part(LiveNetwork network, PeerId node, long from) {
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
          network.egressSince(from),
          network.devicesSince(node, from) ? network.devicesAt(node) : null);
    }
    List<Device> devices = network.devicesAt(node);
    return new NetworkPart(
        network.membership(),
        network.row.mtu(),
        0,
        network.membership().members().keySet(),
        network.keys.keySet(),
        true,
        devices.isEmpty() ? null : devices);
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
      // A node that is none of the hub's is the hub itself.
      List<String> addresses = known == null ? memory.ownAddresses : known.addresses;
      if (!addresses.isEmpty() && !addresses.equals(node.reachTold.put(other, addresses))) {
        reach.add(new NodeReach(other, addresses));
      }
    }
    return reach;
  }
}
