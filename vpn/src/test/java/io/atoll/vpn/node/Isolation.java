package io.atoll.vpn.node;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.vswitch.SwitchCounters.Lost;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Two networks of the same block, with members at the same addresses, on the same two nodes, and a
/// third node that is in one of them and means harm. Guests send what they may and what they may
/// not; the wire changes, repeats, mixes and cuts. No packet of one network may reach the other,
/// and none comes from whom it does not say.
///
/// ```
///   node 0: red .2 .3   blue .2 .3  ┐
///   node 1: red .4 .5   blue .4 .5  ├── a wire in an enemy's hands
///   node 2: red .6 (an enemy's)     ┘
/// ```
final class Isolation implements AutoCloseable {
  static final int MTU = 1420;
  private static final int BATCH = 48;

  /// What somebody might have built wrong.
  enum Bug {
    /// Which network an opened packet is for is looked up by its address.
    BY_ADDRESS,

    /// A switch believes each source.
    ANY_SOURCE
  }

  /// A packet was where it should not be.
  static final class Crossed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Crossed(String what) {
      super(what);
    }
  }

  /// @param delivered packets that members got, all of them of their own network
  /// @param refused datagrams that were not opened
  record Result(long sent, long delivered, long datagrams, long refused, Map<Lost, Long> lost) {}

  final Random random;
  final AeadSuite suite = AeadSuite.choose();
  final Set<Bug> bugs;
  final List<IsolatedNode> nodes = new ArrayList<>();
  final IsolatedWire wire;
  private final long seed;
  private final List<Membership> memberships = new ArrayList<>();
  private final List<Guest> guests = new ArrayList<>();
  private final Packet packets;
  private long now = 1_000_000_000L;
  private long sent;
  private long delivered;

  /// @param network 0 is red, 1 is blue
  record Guest(int network, int node, int number, Member member, StepPort port) {}

  private Isolation(long seed, Set<Bug> bugs) throws Exception {
    this.seed = seed;
    this.random = new Random(seed);
    this.bugs = bugs.isEmpty() ? EnumSet.noneOf(Bug.class) : EnumSet.copyOf(bugs);
    this.wire = new IsolatedWire(this);
    this.packets = new Packet(random);
    Identity owner = Identity.generate();
    List<PeerId> ids =
        List.of(Identity.generate().id(), Identity.generate().id(), Identity.generate().id());
    for (int network = 0; network < 2; network++) {
      Network of =
          Network.of(
              NetworkId.random(new Random(seed + network)),
              network == 0 ? "red" : "blue",
              owner.id(),
              Cidr.parse("10.7.0.0/24"));
      TreeMap<String, Member> members = new TreeMap<>();
      for (int number = 2; number <= (network == 0 ? 6 : 5); number++) {
        int node = (number - 2) / 2;
        Member member =
            new Member(
                "m" + number,
                "m" + number,
                ids.get(node),
                of.v4().base().plus(number),
                of.v6().base().plus(number));
        members.put(member.id(), member);
        guests.add(new Guest(network, node, number, member, new StepPort(MTU)));
      }
      memberships.add(new Membership(of, 1, members, new TreeMap<>()));
    }
    for (int i = 0; i < 3; i++) {
      nodes.add(new IsolatedNode(this, i, ids.get(i), memberships));
    }
    for (IsolatedNode node : nodes) {
      node.meet(nodes, memberships);
    }
    for (Guest guest : guests) {
      nodes.get(guest.node).vswitch(guest.network).attach(guest.member, guest.port, null);
    }
  }

  /// @throws Crossed with the seed, if a packet was where it should not be
  static Result run(long seed, long packets, Set<Bug> bugs) throws Exception {
    try (Isolation world = new Isolation(seed, bugs)) {
      return world.live(packets);
    }
  }

  long now() {
    return now;
  }

  private Result live(long count) throws Exception {
    while (sent < count) {
      Guest from = guests.get(random.nextInt(guests.size()));
      List<byte[]> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(packets.next(from, memberships.get(from.network).network()));
      }
      from.port.feed(batch);
      sent += batch.size();
      settle();
    }
    Map<Lost, Long> lost = new EnumMap<>(Lost.class);
    for (Guest guest : guests) {
      var counts = nodes.get(guest.node).vswitch(guest.network).counts(guest.member.id());
      Objects.requireNonNull(counts).lost().forEach((why, n) -> lost.merge(why, n, Long::sum));
    }
    for (IsolatedNode node : nodes) {
      node.fromOutside().forEach((why, n) -> lost.merge(why, n, Long::sum));
    }
    return new Result(sent, delivered, wire.datagrams(), wire.refused(), lost);
  }

  /// All that is on the wire arrives, or does not; then everybody looks at what he got.
  private void settle() {
    now += 2_000_000L + random.nextInt(20_000_000);
    for (int i = 0; i < 8; i++) {
      for (IsolatedNode node : nodes) {
        node.run();
      }
      if (!wire.deliver()) {
        break;
      }
    }
    for (Guest guest : guests) {
      for (byte[] packet : guest.port.got()) {
        check(guest, packet);
      }
    }
  }

  private void check(Guest to, byte[] packet) {
    Packet.Mark mark = Packet.mark(packet);
    if (mark == null) {
      return; // What a switch says itself, and quotes too little of a packet for a mark.
    }
    delivered++;
    if (mark.network() != to.network) {
      throw new Crossed(
          "a packet of network "
              + mark.network()
              + " came to member "
              + to.number
              + " of network "
              + to.network
              + " after "
              + sent
              + " packets (again: -Datoll.sim.seed="
              + seed
              + ")");
    }
    IpAddress source = Packet.source(packet);
    Network network = memberships.get(to.network).network();
    boolean ofSwitch = source.equals(network.gateway4()) || source.equals(network.gateway6());
    Member sender = sender(mark);
    if (!ofSwitch
        && (sender == null || !(source.equals(sender.v4()) || source.equals(sender.v6())))) {
      throw new Crossed(
          "a packet of member "
              + mark.sender()
              + " came as one of "
              + source
              + " after "
              + sent
              + " packets (again: -Datoll.sim.seed="
              + seed
              + ")");
    }
  }

  private @Nullable Member sender(Packet.Mark mark) {
    return memberships.get(mark.network()).members().get("m" + mark.sender());
  }

  @Override
  public void close() {
    nodes.forEach(IsolatedNode::close);
  }
}
