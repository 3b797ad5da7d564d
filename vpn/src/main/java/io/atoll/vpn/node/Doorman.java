package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.DevicePort;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The devices that reach one network through this node: a session and a port for each. Guarded by
/// the lock of its network.
final class Doorman {
  private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);

  private record Entry(Device device, Member member, Peer peer, DevicePort port) {}

  private final NodeNetworks node;
  private final NodeNetwork network;
  private final VirtualSwitch vswitch;
  private final int mtu;
  private final LocalIdentity door;
  private final Map<String, Entry> entries = new HashMap<>();
  private List<Device> devices = List.of();

  Doorman(
      NodeNetworks node, NodeNetwork network, VirtualSwitch vswitch, int mtu, LocalIdentity door) {
    this.node = node;
    this.network = network;
    this.vswitch = vswitch;
    this.mtu = mtu;
    this.door = door;
  }

  LocalIdentity door() {
    return door;
  }

  /// From now on these, of which those count that are members here.
  void serve(List<Device> now, Membership membership) {
    devices = List.copyOf(now);
    update(membership);
  }

  void update(Membership membership) {
    Map<String, Device> wanted = new HashMap<>();
    for (Device device : devices) {
      Member member = membership.members().get(device.member());
      if (member != null && member.node().equals(node.self())) {
        wanted.put(device.member(), device);
      }
    }
    for (Entry entry : List.copyOf(entries.values())) {
      if (!entry.device.equals(wanted.get(entry.member.id()))) {
        remove(entry);
      }
    }
    wanted.forEach(
        (id, device) -> {
          Member member = Objects.requireNonNull(membership.members().get(id));
          Entry entry = entries.get(id);
          if (entry == null) {
            add(device, member);
          } else if (!entry.member.equals(member)) {
            node.update(entry.peer, settings(device, member));
            entries.put(id, new Entry(device, member, entry.peer, entry.port));
          }
        });
  }

  private static PeerSettings settings(Device device, Member member) {
    List<Cidr> inner = List.of(Cidr.around(member.v4(), 32), Cidr.around(member.v6(), 128));
    return new PeerSettings(device.key(), device.preshared(), inner, Duration.ZERO);
  }

  /// A device whose key is none is not let in; the others are.
  private void add(Device device, Member member) {
    @Nullable Peer[] made = new Peer[1];
    PeerId here = node.self();
    DevicePort port = new DevicePort(mtu, here, node.uplink(_ -> made[0], door, mtu));
    Peer peer;
    try {
      peer = node.add(network, door, port, settings(device, member));
    } catch (IllegalArgumentException e) {
      LOG.warn("device {} is not let in: {}", member.name(), e.getMessage());
      port.close();
      return;
    }
    made[0] = peer;
    entries.put(member.id(), new Entry(device, member, peer, port));
    vswitch.attach(member, port, null);
  }

  private void remove(Entry entry) {
    entries.remove(entry.member.id());
    node.forget(entry.peer);
    vswitch.detach(entry.member.id());
  }

  /// When a device was last heard, and what went through; null if there is none such.
  @Nullable Peer peer(String member) {
    Entry entry = entries.get(member);
    return entry == null ? null : entry.peer;
  }

  void close() {
    List.copyOf(entries.values()).forEach(this::remove);
  }
}
