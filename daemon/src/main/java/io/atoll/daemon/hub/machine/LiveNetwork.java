package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.AddressPlan;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A private network in the machine's memory.
final class LiveNetwork {
  /// Of how many changes it is remembered what they touched. Who is further behind gets the whole.
  private static final int REMEMBERED = 256;

  /// What changed on the way to a version.
  private static final class Touched {
    final long version;
    final Set<String> members = new TreeSet<>();
    final Set<PeerId> nodes = new TreeSet<>();

    /// Nodes that let other devices in.
    final Set<PeerId> doors = new TreeSet<>();

    boolean egress;

    Touched(long version) {
      this.version = version;
    }
  }

  NetworkRow row;
  final Network network;

  /// By holder.
  final TreeMap<String, SeatRow> seats = new TreeMap<>();

  /// Of nodes that hold a member.
  final TreeMap<PeerId, NodeKey> keys = new TreeMap<>();

  final EgressCounts egress = new EgressCounts();

  /// By which keys devices know the nodes that let them in, as those told this machine.
  final TreeMap<PeerId, NodeKey> doors = new TreeMap<>();

  private final ArrayDeque<Touched> touched = new ArrayDeque<>();
  private @Nullable Membership membership;

  LiveNetwork(NetworkRow row) {
    this.row = row;
    this.network = Network.of(row.id(), row.name(), row.owner(), row.v4());
  }

  long version() {
    return row.version();
  }

  boolean hasSeatAt(PeerId node) {
    return seats.values().stream().anyMatch(seat -> node.equals(seat.node()));
  }

  /// Notes that a member or a node's key is no longer what it was at the version before this one.
  void touch(@Nullable String member, @Nullable PeerId node) {
    membership = null;
    if (touched.isEmpty() || touched.getLast().version != version()) {
      touched.addLast(new Touched(version()));
      if (touched.size() > REMEMBERED) {
        touched.removeFirst();
      }
    }
    if (member != null) {
      touched.getLast().members.add(member);
    }
    if (node != null) {
      touched.getLast().nodes.add(node);
    }
  }

  /// Notes that a seat is not what it was at the version before this one.
  void touch(SeatRow seat) {
    if (seat.member() == null) {
      return;
    }
    touch(seat.member(), null);
    if (seat.device() != null && seat.node() != null) {
      touched.getLast().doors.add(seat.node());
    }
  }

  /// Notes that something else may leave it than at the version before this one.
  void touchEgress() {
    touch(null, null);
    touched.getLast().egress = true;
  }

  /// Nobody's idea of an earlier version counts any more.
  void forgetHistory() {
    touched.clear();
    membership = null;
  }

  /// Who is in it as of now.
  Membership membership() {
    Membership known = membership;
    if (known == null) {
      TreeMap<String, Member> members = new TreeMap<>();
      for (SeatRow seat : seats.values()) {
        if (seat.member() != null && seat.node() != null) {
          members.put(
              seat.member(),
              new Member(seat.member(), seat.name(), seat.node(), seat.v4(), seat.v6()));
        }
      }
      known = new Membership(network, version(), members, keys, row.egress());
      membership = known;
    }
    return known;
  }

  Set<PeerId> nodes() {
    return membership().nodes();
  }

  /// Whether a node that has this version can be told the difference alone.
  boolean remembers(long from) {
    return from == version()
        || (!touched.isEmpty() && from >= touched.getFirst().version - 1 && from < version());
  }

  /// The members that are not what they were at a version.
  Set<String> membersSince(long from) {
    Set<String> all = new TreeSet<>();
    touched.stream().filter(one -> one.version > from).forEach(one -> all.addAll(one.members));
    return all;
  }

  Set<PeerId> nodesSince(long from) {
    Set<PeerId> all = new TreeSet<>();
    touched.stream().filter(one -> one.version > from).forEach(one -> all.addAll(one.nodes));
    return all;
  }

  /// Whether a node lets other devices in than at a version.
  boolean devicesSince(PeerId node, long from) {
    return touched.stream().anyMatch(one -> one.version > from && one.doors.contains(node));
  }

  /// Those that a node lets in.
  List<Device> devicesAt(PeerId node) {
    List<Device> devices = new ArrayList<>();
    for (SeatRow seat : seats.values()) {
      DeviceKeys keys = seat.device();
      if (keys != null && seat.member() != null && node.equals(seat.node())) {
        devices.add(
            new Device(
                seat.member(), PublicKey.parse(keys.key()), PresharedKey.parse(keys.preshared())));
      }
    }
    return devices;
  }

  boolean egressSince(long from) {
    return touched.stream().anyMatch(one -> one.version > from && one.egress);
  }

  /// A pair of addresses that nobody has a seat at; see [AddressPlan#pair].
  List<IpAddress> free(@Nullable IpAddress wanted) {
    return AddressPlan.pair(network, seats.values().stream().map(this::asMember).toList(), wanted);
  }

  /// The highest address of IPv4 that nobody has a seat at; null if all are taken.
  @Nullable IpAddress highestFree() {
    Set<IpAddress> taken = new HashSet<>();
    seats.values().forEach(seat -> taken.add(seat.v4()));
    for (long at = row.v4().size() - 2; at >= 2; at--) {
      IpAddress address = row.v4().base().plus(at);
      if (!taken.contains(address)) {
        return address;
      }
    }
    return null;
  }

  /// Whether somebody but a holder is called so already.
  boolean isNamed(String name, String otherThan) {
    return seats.values().stream()
        .anyMatch(seat -> seat.name().equals(name) && !seat.holder().equals(otherThan));
  }

  /// The seat of this id or name.
  Optional<SeatRow> find(String idOrName) {
    SeatRow held = seats.get(idOrName);
    return held != null
        ? Optional.of(held)
        : seats.values().stream().filter(seat -> seat.name().equals(idOrName)).findFirst();
  }

  /// For the plan of addresses, to which it is the same where it is.
  private Member asMember(SeatRow seat) {
    PeerId node = seat.node();
    return new Member(
        seat.holder(), seat.name(), node == null ? row.owner() : node, seat.v4(), seat.v6());
  }
}
