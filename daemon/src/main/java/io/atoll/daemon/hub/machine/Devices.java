package io.atoll.daemon.hub.machine;

import io.atoll.client.api.DeviceView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.daemon.store.SeatRow;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Devices of people in networks. Each has a seat on the node that is its door, from when it is
/// invited until it is removed or that node is.
final class Devices {
  private final Memory memory;
  private final Networks networks;

  Devices(Memory memory, Networks networks) {
    this.memory = memory;
    this.networks = networks;
  }

  void invite(Step step, HubEvent.InviteDevice event) {
    LiveNetwork network = networks.find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    try {
      requireDoor(network, event.door());
      if (network.isNamed(event.name(), "") || network.seats.containsKey(event.id())) {
        throw taken(network, event.name());
      }
      requireRoom(event.door());
      List<IpAddress> pair = Networks.free(network, null);
      SeatRow seat =
          new SeatRow(
              network.row.id(),
              event.id(),
              SeatRow.Kind.DEVICE,
              event.name(),
              pair.get(0),
              pair.get(1),
              false,
              event.id(),
              event.door(),
              null,
              event.keys());
      networks.put(step, network, seat);
      tell(step, "network.invited", network, seat);
      step.reply(event.ticket(), new Answer.Done());
    } catch (AtollException e) {
      step.fail(event.ticket(), e.code(), e.text(), e.hint());
    }
  }

  private static AtollException taken(LiveNetwork network, String name) {
    String of = network.row.name();
    boolean device = network.find(name).filter(seat -> seat.device() != null).isPresent();
    return new AtollException(
        ErrorCode.CONFLICT,
        "somebody is called " + name + " in network " + of,
        device
            ? "choose another name; a device whose configuration is lost goes by: atoll net"
                + " remove-device "
                + of
                + " "
                + name
            : "choose another name; atoll net members " + of);
  }

  private void requireRoom(PeerId door) {
    long there =
        memory.networks.values().stream().mapToLong(one -> one.devicesAt(door).size()).sum();
    if (there >= SignedDevices.MOST) {
      LiveNode node = memory.node(door);
      throw new AtollException(
          ErrorCode.NO_CAPACITY,
          (node == null ? "this hub's own machine" : "node " + node.name())
              + " lets "
              + there
              + " devices in, and no more than "
              + SignedDevices.MOST,
          "remove one: atoll net remove-device NETWORK DEVICE; or name another node with --door"
              + " NODE");
    }
  }

  private void requireDoor(LiveNetwork network, PeerId door) {
    LiveNode node = memory.node(door);
    if (node == null) {
      if (door.equals(network.row.owner()) && !memory.ownAddresses.isEmpty()) {
        return;
      }
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "this hub's own machine lets no device in: it takes part in no networks",
          "its log says why; or name a node that devices reach with --door NODE");
    }
    if (node.session == 0) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + node.name() + " is not connected, so it lets no new device in",
          "start its daemon, or name another one: atoll node list");
    }
    if (!node.knowsNetworks) {
      throw new AtollException(
          ErrorCode.VERSION_MISMATCH,
          "node " + node.name() + " knows no private networks, so it lets no device in",
          "upgrade Atoll there, or name another node: atoll node list");
    }
  }

  void remove(Step step, HubEvent.RemoveDevice event) {
    LiveNetwork network = networks.find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    SeatRow seat = network.find(event.device()).orElse(null);
    if (seat == null || seat.device() == null) {
      step.fail(
          event.ticket(),
          ErrorCode.NOT_FOUND,
          "there is no device '" + event.device() + "' in network " + network.row.name(),
          "atoll net devices " + network.row.name() + " lists them");
      return;
    }
    networks.drop(step, network, seat);
    tell(step, "network.uninvited", network, seat);
    step.reply(event.ticket(), new Answer.Done());
  }

  private static void tell(Step step, String what, LiveNetwork network, SeatRow seat) {
    step.event(what, null, seat.node(), null, seat.name() + " in " + network.row.name());
  }

  /// By address.
  List<DeviceView> views(LiveNetwork network) {
    return network.seats.values().stream()
        .sorted(Comparator.comparing(SeatRow::v4))
        .flatMap(seat -> view(network, seat))
        .toList();
  }

  /// The device of this id.
  Optional<DeviceView> view(LiveNetwork network, String id) {
    SeatRow seat = network.seats.get(id);
    return seat == null ? Optional.empty() : view(network, seat).findFirst();
  }

  private Stream<DeviceView> view(LiveNetwork network, SeatRow seat) {
    DeviceKeys keys = seat.device();
    PeerId door = seat.node();
    if (keys == null || door == null) {
      return Stream.empty();
    }
    LiveNode node = memory.node(door);
    NodeKey key = network.doors.get(door);
    return Stream.of(
        new DeviceView(
            seat.holder(),
            seat.name(),
            NetworkViews.host(network.row, seat),
            seat.v4(),
            seat.v6(),
            keys.key(),
            door,
            node == null ? null : node.name(),
            key == null ? null : new PublicKey(key.key()).toString(),
            endpoint(node == null ? memory.ownAddresses : node.addresses)));
  }

  /// The address of a node that devices reach from farthest away; null if there is none.
  static @Nullable String endpoint(List<String> addresses) {
    return addresses.stream()
        .flatMap(address -> NodeAddress.parse(address).stream())
        .min(Comparator.comparing(NodeAddress::from))
        .map(NodeAddress::toString)
        .orElse(null);
  }
}
