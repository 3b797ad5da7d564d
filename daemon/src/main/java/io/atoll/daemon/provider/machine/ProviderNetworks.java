package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.daemon.journal.NetworkRecord;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NetworkPush;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.NetworkStanding;
import io.atoll.market.activity.NodeReach;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The private networks that this provider holds members of, as their hubs told it. A hub is only
/// believed about networks that it owns, and only what it has signed.
final class ProviderNetworks {
  /// How long news of others wait to be journalled: after a crash the hub tells them again, and
  /// until it does, they are no older than that.
  private static final long GATHER = Duration.ofSeconds(1).toNanos();

  private static final class Known {
    final PeerId hub;
    Membership membership;
    int mtu;
    final TreeMap<PeerId, NodeReach> reach = new TreeMap<>();
    @Nullable NodeKey key;

    /// What its hub was told of what wanted to leave it.
    @Nullable NetworkEgress egress;

    /// By which devices know this node.
    @Nullable NodeKey door;

    /// Those that it lets in; null = none.
    @Nullable SignedDevices devices;

    /// Since when news wait to be journalled; 0 = none do.
    long dirtySince;

    Known(PeerId hub, Membership membership, int mtu) {
      this.hub = hub;
      this.membership = membership;
      this.mtu = mtu;
    }

    NetworkStanding whole() {
      NetworkStanding news = standing(membership.version());
      return new NetworkStanding(
          news.network(),
          news.version(),
          news.key(),
          HexFormat.of().formatHex(membership.digest()),
          news.door(),
          devices == null ? List.of() : devices.devices().stream().map(Device::member).toList());
    }

    NetworkStanding standing(long version) {
      return new NetworkStanding(
          membership.network().id(), version, text(key), null, text(door), null);
    }

    private static @Nullable String text(@Nullable NodeKey signed) {
      return signed == null ? null : Base64.getEncoder().encodeToString(signed.signed());
    }

    List<NodeReach> reachOfNodes() {
      return reach.values().stream()
          .filter(one -> membership.nodes().contains(one.node()))
          .toList();
    }
  }

  private final TreeMap<NetworkId, Known> networks = new TreeMap<>();
  private List<String> addresses = List.of();

  ProviderNetworks(PeerId self, Collection<NetworkRecord> records) {
    for (NetworkRecord record : records) {
      Known known = new Known(record.hub(), record.membership(), record.mtu());
      known.devices = record.devices(self);
      record.reach().forEach(one -> known.reach.put(one.node(), one));
      networks.put(record.id(), known);
    }
  }

  /// Why an order cannot be followed here for its networks; null if it can.
  @Nullable String refusal(Order order) {
    for (NetworkSeat seat : order.seats()) {
      Known known = networks.get(seat.network());
      if (known == null || !known.membership.members().containsKey(order.run().toString())) {
        return "its hub did not tell of network " + seat.network() + " with the run in it";
      }
    }
    return null;
  }

  /// Those of a hub, for a hello.
  List<NetworkStanding> standings(PeerId hub) {
    return networks.values().stream()
        .filter(known -> known.hub.equals(hub))
        .map(Known::whole)
        .toList();
  }

  List<String> addresses() {
    return addresses;
  }

  void told(Turn turn, HubLink link, ToProvider.Networks message) {
    for (NetworkId gone : message.gone()) {
      Known known = networks.get(gone);
      if (known != null && known.hub.equals(link.hub)) {
        drop(turn, gone);
      }
    }
    for (NodeReach reach : message.reach()) {
      reached(turn, link, reach);
    }
    List<NetworkStanding> lacking = new ArrayList<>();
    Set<NetworkId> coming = new HashSet<>();
    message.put().forEach(push -> coming.add(push.network()));
    for (NetworkPush push : message.put()) {
      coming.remove(push.network());
      NetworkStanding lack = put(turn, link, push, message.reach(), coming);
      if (lack != null) {
        lacking.add(lack);
      }
    }
    if (!lacking.isEmpty()) {
      turn.send(link, new ToHub.Networks(lacking, null));
    }
  }

  /// @param coming networks of which the same message tells after this one
  /// @return what to ask the whole of; null if it was taken in
  private @Nullable NetworkStanding put(
      Turn turn, HubLink link, NetworkPush push, List<NodeReach> reach, Set<NetworkId> coming) {
    try {
      Network network = Json.mapper().treeToValue(push.definition(), Network.class);
      Change change = Json.mapper().treeToValue(push.change(), Change.class);
      Known known = networks.get(push.network());
      if (network == null || change == null || !network.id().equals(push.network())) {
        throw new IllegalArgumentException("it says too little");
      }
      if (!network.owner().equals(link.hub) || (known != null && !known.hub.equals(link.hub))) {
        throw new IllegalArgumentException("it belongs to another hub");
      }
      Membership before =
          known != null && known.membership.network().equals(network)
              ? known.membership
              : Membership.empty(network);
      return switch (change.apply(before)) {
        case Change.Outcome.Applied(Membership after) -> {
          SignedDevices devices = devices(turn, known, change, push, after);
          requireRoom(link, push.network(), devices, coming);
          applied(turn, link, after, push.mtu(), reach, devices);
          yield null;
        }
        case Change.Outcome.Known() -> null;
        case Change.Outcome.Gap(long _) -> new NetworkStanding(push.network(), 0, null);
        case Change.Outcome.Refused(String why) -> {
          turn.complain("hub " + link.hub + " changes network " + push.network() + ": " + why);
          yield change.from() == 0 ? null : new NetworkStanding(push.network(), 0, null);
        }
      };
    } catch (IOException | IllegalArgumentException e) {
      turn.complain("hub " + link.hub + " tells of network " + push.network() + ": " + e);
      return null;
    }
  }

  /// Those that this node lets in from now on.
  private static @Nullable SignedDevices devices(
      Turn turn, @Nullable Known known, Change change, NetworkPush push, Membership after) {
    String told = push.devices();
    if (told == null) {
      return known == null || change.from() == 0 ? null : known.devices;
    }
    byte[] signed = Base64.getDecoder().decode(told);
    SignedDevices devices = SignedDevices.open(signed, after.network(), turn.self);
    if (devices.version() != after.version()) {
      throw new IllegalArgumentException("its devices are of another version");
    }
    return devices;
  }

  /// Not more devices of a hub than a node lets in. Of a network of which it is told in a moment
  /// it may let in fewer then.
  private void requireRoom(
      HubLink link, NetworkId network, @Nullable SignedDevices devices, Set<NetworkId> coming) {
    int all = devices == null ? 0 : devices.devices().size();
    for (Map.Entry<NetworkId, Known> other : networks.entrySet()) {
      SignedDevices there = other.getValue().devices;
      boolean counts = other.getValue().hub.equals(link.hub) && !coming.contains(other.getKey());
      if (there != null && counts && !other.getKey().equals(network)) {
        all += there.devices().size();
      }
    }
    if (devices != null && all > SignedDevices.MOST) {
      throw new IllegalArgumentException(
          all + " devices, and this node lets in no more than " + SignedDevices.MOST + " of a hub");
    }
  }

  private void applied(
      Turn turn,
      HubLink link,
      Membership after,
      int mtu,
      List<NodeReach> reach,
      @Nullable SignedDevices devices) {
    NetworkId id = after.network().id();
    Known before = networks.get(id);
    Known known = before == null ? new Known(link.hub, after, mtu) : before;
    boolean own = before == null || !own(turn, before.membership).equals(own(turn, after));
    known.membership = after;
    known.mtu = mtu;
    known.devices = devices;
    networks.put(id, known);
    reach.forEach(one -> known.reach.put(one.node(), one));
    known.reach.keySet().retainAll(after.nodes());
    if (own) {
      write(turn, known);
    } else if (known.dirtySince == 0) {
      known.dirtySince = turn.now.nanos();
    }
    turn.act(
        new ProviderAction.PutNetwork(
            after, mtu, known.reachOfNodes(), devices == null ? List.of() : devices.devices()));
  }

  /// The members that are on this node.
  private static Map<String, Member> own(Turn turn, Membership membership) {
    Map<String, Member> own = new TreeMap<>(membership.members());
    own.values().removeIf(member -> !member.node().equals(turn.self));
    return own;
  }

  private void reached(Turn turn, HubLink link, NodeReach reach) {
    boolean ours = false;
    for (Known known : networks.values()) {
      if (known.hub.equals(link.hub) && known.membership.nodes().contains(reach.node())) {
        ours = true;
        if (!reach.equals(known.reach.put(reach.node(), reach)) && known.dirtySince == 0) {
          known.dirtySince = turn.now.nanos();
        }
      }
    }
    if (ours) {
      turn.act(new ProviderAction.Reach(reach));
    }
  }

  private void write(Turn turn, Known known) {
    known.dirtySince = 0;
    turn.change(
        new JournalChange.PutNetwork(
            NetworkRecord.of(
                known.hub, known.membership, known.mtu, known.reachOfNodes(), known.devices)));
  }

  private void drop(Turn turn, NetworkId id) {
    networks.remove(id);
    turn.change(new JournalChange.DropNetwork(id));
    turn.act(new ProviderAction.LeaveNetwork(id));
  }

  /// The provider left a hub.
  void left(Turn turn, PeerId hub) {
    for (NetworkId id : List.copyOf(networks.keySet())) {
      Known known = networks.get(id);
      if (known != null && known.hub.equals(hub)) {
        drop(turn, id);
      }
    }
  }

  void key(Turn turn, NodeKey key, Map<PeerId, HubLink> links) {
    Known known = networks.get(key.network());
    if (known == null || key.equals(known.key)) {
      return;
    }
    known.key = key;
    tell(turn, known, links);
  }

  void door(Turn turn, NodeKey door, Map<PeerId, HubLink> links) {
    Known known = networks.get(door.network());
    if (known != null && !door.equals(known.door)) {
      known.door = door;
      tell(turn, known, links);
    }
  }

  private static void tell(Turn turn, Known known, Map<PeerId, HubLink> links) {
    HubLink link = links.get(known.hub);
    if (link != null) {
      turn.send(
          link, new ToHub.Networks(List.of(known.standing(known.membership.version())), null));
    }
  }

  /// What wanted to leave networks; their hubs are told what changed.
  void egress(Turn turn, List<NetworkEgress> all, Map<PeerId, HubLink> links) {
    Map<PeerId, List<NetworkEgress>> news = new TreeMap<>();
    for (NetworkEgress one : all) {
      Known known = networks.get(one.network());
      if (known != null && !one.equals(known.egress)) {
        known.egress = one;
        news.computeIfAbsent(known.hub, _ -> new ArrayList<>()).add(one);
      }
    }
    news.forEach(
        (hub, changed) -> {
          HubLink link = links.get(hub);
          if (link != null && link.welcomed) {
            turn.send(link, new ToHub.Egress(changed));
          }
        });
  }

  /// All that is known, to a hub that may be a new one.
  void tellEgress(Turn turn, HubLink link) {
    List<NetworkEgress> all = new ArrayList<>();
    for (Known known : networks.values()) {
      NetworkEgress counted = known.egress;
      if (counted != null && known.hub.equals(link.hub)) {
        all.add(counted);
      }
    }
    if (!all.isEmpty()) {
      turn.send(link, new ToHub.Egress(all));
    }
  }

  void addresses(Turn turn, List<String> now, Collection<HubLink> links) {
    if (!now.equals(addresses)) {
      addresses = now;
      links.forEach(link -> turn.send(link, new ToHub.Networks(List.of(), now)));
    }
  }

  void keepTime(Turn turn) {
    for (Known known : networks.values()) {
      if (known.dirtySince != 0 && turn.now.nanos() - known.dirtySince >= GATHER) {
        write(turn, known);
      }
    }
  }

  /// How long until there is something to journal, at most `most`.
  long idle(long now, long most) {
    long next = most;
    for (Known known : networks.values()) {
      if (known.dirtySince != 0) {
        next = Math.min(next, known.dirtySince + GATHER - now);
      }
    }
    return next;
  }
}
