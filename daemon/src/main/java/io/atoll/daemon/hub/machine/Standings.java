package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.NodeKeyRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NetworkStanding;
import io.atoll.market.activity.ToHub;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.NodeKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What nodes say of private networks: which member list they have, and by which key they seal.
final class Standings {
  /// More than a node has, and bounded, since it is told to others.
  private static final int MOST_ADDRESSES = 16;

  private static final int LONGEST_ADDRESS = 64;

  private final Memory memory;
  private final Networks networks;

  Standings(Memory memory, Networks networks) {
    this.memory = memory;
    this.networks = networks;
  }

  /// The first that a node says in a session.
  void begin(Step step, LiveNode node, ToHub.Hello hello) {
    node.told.clear();
    node.reachTold.clear();
    boolean restored = memory.restored && !node.met;
    node.met = true;
    List<NetworkStanding> standings = hello.networks();
    node.knowsNetworks = standings != null;
    if (standings == null) {
      return;
    }
    dropRemoved(step, node, standings, restored);
    standings.forEach(
        standing -> {
          node.told.put(standing.network(), standing.version());
          compare(step, standing);
          standing(step, standing);
        });
    addresses(step, node, hello.addresses());
  }

  /// A store that went back in time lets devices in that were removed since. Their door knows
  /// better: whom it lets in no longer, nobody does.
  ///
  /// @param restored whether the store is a backup, and the node says its first hello to it
  private void dropRemoved(
      Step step, LiveNode node, List<NetworkStanding> standings, boolean restored) {
    Map<NetworkId, NetworkStanding> told = new HashMap<>();
    standings.forEach(standing -> told.put(standing.network(), standing));
    for (LiveNetwork network : memory.networks.values()) {
      NetworkStanding standing = told.get(network.row.id());
      List<String> letIn = standing == null ? List.of() : standing.devices();
      boolean back = restored || (standing != null && isBehind(network, standing));
      if (back && letIn != null) {
        network.devicesAt(node.id).stream()
            .map(Device::member)
            .filter(member -> !letIn.contains(member))
            .forEach(member -> dropRemoved(step, node, network, member));
      }
    }
  }

  private void dropRemoved(Step step, LiveNode node, LiveNetwork network, String device) {
    SeatRow seat = network.seats.get(device);
    if (seat != null) {
      networks.drop(step, network, seat);
      step.event(
          "network.uninvited",
          null,
          node.id,
          null,
          seat.name() + " in " + network.row.name() + ": its door lets it in no longer");
    }
  }

  /// Whether a node was told what this store does not know.
  private static boolean isBehind(LiveNetwork network, NetworkStanding standing) {
    return standing.version() > network.version() || isOtherList(network, standing);
  }

  private static boolean isOtherList(LiveNetwork network, NetworkStanding standing) {
    String digest = standing.digest();
    return digest != null
        && standing.version() == network.version()
        && !digest.equals(HexFormat.of().formatHex(network.membership().digest()));
  }

  /// A door that lets in others than it should has perhaps lost its list, and is told the whole.
  private void compareDevices(Step step, LiveNode node, NetworkStanding standing) {
    LiveNetwork network = memory.networks.get(standing.network());
    List<String> letIn = standing.devices();
    if (network == null || letIn == null || !network.nodes().contains(node.id)) {
      return;
    }
    List<String> wanted = network.devicesAt(node.id).stream().map(Device::member).toList();
    if (!Set.copyOf(wanted).equals(Set.copyOf(letIn))) {
      node.told.put(standing.network(), 0L);
      if (network.version() <= standing.version()) {
        step.touch(network); // what it has already it does not take again
      }
    }
  }

  /// A store that went back in time may have made another list of the same version since.
  private void compare(Step step, NetworkStanding standing) {
    LiveNetwork network = memory.networks.get(standing.network());
    if (network != null && isOtherList(network, standing)) {
      step.skipTo(network, standing.version() + 1);
    }
  }

  /// All that it has to be told, before it is told what to run. What it runs has its seats again by
  /// now: its keys for their networks count.
  void settle(Step step, LiveNode node, ToHub.Hello hello) {
    List<NetworkStanding> standings = hello.networks();
    if (standings != null) {
      standings.forEach(
          standing -> {
            keys(step, node, standing);
            compareDevices(step, node, standing);
          });
    }
    step.tell(memory, node, all(node));
  }

  private Collection<NetworkId> all(LiveNode node) {
    List<NetworkId> all = new ArrayList<>(memory.networks.keySet());
    if (!memory.restored) {
      // A store that is a backup does not know every network there is.
      node.told.keySet().stream().filter(id -> !memory.networks.containsKey(id)).forEach(all::add);
    }
    return all;
  }

  void news(Step step, LiveNode node, ToHub.Networks message) {
    for (NetworkStanding standing : message.networks()) {
      if (standing.version() == 0) {
        node.told.remove(standing.network());
      }
      standing(step, standing);
      keys(step, node, standing);
    }
    addresses(step, node, message.addresses());
    step.tell(memory, node, message.networks().stream().map(NetworkStanding::network).toList());
  }

  /// What the hub's own node says, which is no provider.
  void own(Step step, HubEvent.OwnNode event) {
    NodeKey key = event.key();
    if (key == null && event.addresses() == null) {
      memory.ownTold = null; // it is new, and knows nothing
      if (memory.restored) {
        warnOfOwnDevices(step);
      }
    }
    LiveNetwork network = key == null ? null : memory.networks.get(key.network());
    if (key != null
        && network != null
        && key.node().equals(network.row.owner())
        && !key.equals(network.keys.get(key.node()))
        && network.nodes().contains(key.node())) {
      put(step, network, key);
    }
    List<String> addresses = event.addresses();
    if (addresses != null && !addresses.equals(memory.ownAddresses)) {
      memory.ownAddresses = addresses;
      step.moved();
    }
  }

  /// That node keeps no list of those that it lets in, so nobody knows who was removed since.
  private void warnOfOwnDevices(Step step) {
    for (LiveNetwork network : memory.networks.values()) {
      PeerId own = network.row.owner();
      int devices = memory.nodes.containsKey(own) ? 0 : network.devicesAt(own).size();
      if (devices > 0) {
        step.event(
            "network.restored",
            null,
            null,
            null,
            "this hub's own machine lets "
                + devices
                + " devices into "
                + network.row.name()
                + " as the backup has them: remove again whom you removed since");
      }
    }
  }

  /// That node says by which key devices know it. It is told anew to each hub that starts.
  void ownDoor(NodeKey key) {
    LiveNetwork network = memory.networks.get(key.network());
    if (network != null && key.node().equals(network.row.owner())) {
      letsIn(network, key);
    }
  }

  /// What wanted to leave networks from there.
  void ownEgress(List<NetworkEgress> all) {
    for (NetworkEgress told : all) {
      LiveNetwork network = memory.networks.get(told.network());
      PeerId own = network == null ? null : network.row.owner();
      if (network != null
          && own != null
          && !memory.nodes.containsKey(own)
          && network.nodes().contains(own)) {
        network.egress.told(own, told, network.membership());
      }
    }
  }

  private static void letsIn(LiveNetwork network, NodeKey door) {
    NodeKey known = network.doors.get(door.node());
    boolean newer = known == null || !door.issued().isBefore(known.issued());
    if (newer && network.nodes().contains(door.node())) {
      network.doors.put(door.node(), door);
    }
  }

  private static void put(Step step, LiveNetwork network, NodeKey key) {
    step.touch(network);
    network.keys.put(key.node(), key);
    network.touch(null, key.node());
    step.change(new Change.PutNodeKey(new NodeKeyRow(network.row.id(), key.node(), key.signed())));
  }

  private void standing(Step step, NetworkStanding standing) {
    LiveNetwork network = memory.networks.get(standing.network());
    if (network != null && standing.version() > network.version()) {
      // The store has gone back in time: what follows has to be later than what was told.
      step.skipTo(network, standing.version() + 1);
    }
  }

  private void keys(Step step, LiveNode node, NetworkStanding standing) {
    LiveNetwork network = memory.networks.get(standing.network());
    if (network == null) {
      return;
    }
    NodeKey door = key(node.id, standing.network(), standing.door());
    if (door != null) {
      letsIn(network, door);
    }
    NodeKey key = key(node.id, standing.network(), standing.key());
    NodeKey known = network.keys.get(node.id);
    if (key == null || key.equals(known) || !network.nodes().contains(node.id)) {
      return;
    }
    if (isAnothers(network, key)) {
      step.event("network.key", null, node.id, null, "its key is another node's, and is not used");
      return;
    }
    if (known == null || !key.issued().isBefore(known.issued())) {
      put(step, network, key);
    }
  }

  /// Whoever has a key is the only one who can have made it.
  private static boolean isAnothers(LiveNetwork network, NodeKey key) {
    return network.keys.values().stream()
        .anyMatch(
            known -> !known.node().equals(key.node()) && Arrays.equals(known.key(), key.key()));
  }

  /// The key in it, if this very node signed it for this network.
  private static @Nullable NodeKey key(PeerId node, NetworkId network, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      NodeKey key = NodeKey.open(Base64.getDecoder().decode(text));
      return key.node().equals(node) && key.network().equals(network) ? key : null;
    } catch (IllegalArgumentException e) {
      return null; // without a key that others can check, nobody talks to it
    }
  }

  private void addresses(Step step, LiveNode node, @Nullable List<String> told) {
    if (told == null) {
      return;
    }
    List<String> sound =
        told.stream()
            .filter(address -> address.length() <= LONGEST_ADDRESS)
            .distinct()
            .limit(MOST_ADDRESSES)
            .toList();
    if (!sound.equals(node.addresses)) {
      node.addresses = sound;
      step.moved();
    }
  }
}
