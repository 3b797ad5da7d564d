package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Where packets of one network go, as seen by one node; made anew with each membership, immutable,
/// asked for each packet by any thread without making objects.
public final class RouteTable {
  /// Nobody has the address.
  public static final int NOBODY = -1;

  /// The switch itself.
  public static final int GATEWAY = -2;

  /// Everybody: multicast, and the broadcast address of the block.
  public static final int EVERYBODY = -3;

  /// Not in this network at all: the host, other networks, the Internet.
  public static final int OUTSIDE = -4;

  private final Membership membership;
  private final PeerId self;
  private final List<Member> members;
  private final List<PeerId> nodes;
  private final int[] nodeOf;
  private final AddressTable four;
  private final AddressTable six;

  /// The upper half of all addresses of IPv6 in it.
  private final long prefix;

  /// The members' numbers, in the order of their names.
  private final int[] byName;

  public RouteTable(Membership membership, PeerId self) {
    this.membership = membership;
    this.self = self;
    this.members = List.copyOf(membership.members().values());
    this.nodes = List.copyOf(new TreeSet<>(membership.nodes()));
    this.nodeOf = new int[members.size()];
    this.prefix = membership.network().v6().base().high();
    long[] lows4 = new long[nodeOf.length];
    long[] lows6 = new long[nodeOf.length];
    for (int i = 0; i < nodeOf.length; i++) {
      Member member = members.get(i);
      lows4[i] = member.v4().low();
      lows6[i] = member.v6().low();
      nodeOf[i] = Collections.binarySearch(nodes, member.node());
    }
    this.four = new AddressTable(lows4);
    this.six = new AddressTable(lows6);
    this.byName =
        IntStream.range(0, nodeOf.length)
            .boxed()
            .sorted(Comparator.comparing(number -> members.get(number).name()))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /// Who is at an address: the number of a member, or one of the constants.
  ///
  /// @param high see [IpAddress]
  public int find(long high, long low) {
    int found = high == 0 ? four.get(low) : high == prefix ? six.get(low) : NOBODY;
    return found >= 0 ? found : unusual(high, low);
  }

  public int find(IpAddress address) {
    return find(address.high(), address.low());
  }

  private int unusual(long high, long low) {
    IpAddress address = new IpAddress(high, low);
    Network network = membership.network();
    if (address.isMulticast()
        || address.equals(network.v4().last())
        || address.equals(IpAddress.v4(-1))) {
      return EVERYBODY;
    }
    if (address.equals(network.gateway4()) || address.equals(network.gateway6())) {
      return GATEWAY;
    }
    Cidr block = address.isV4() ? network.v4() : network.v6();
    return block.contains(address) ? NOBODY : OUTSIDE;
  }

  public Membership membership() {
    return membership;
  }

  /// @param number as [#find] gave it
  public Member member(int number) {
    return members.get(number);
  }

  /// Whether a member is on this very node.
  public boolean isHere(int number) {
    return nodes.get(nodeOf[number]).equals(self);
  }

  /// The node of a member, as a number for [#node].
  public int nodeOf(int number) {
    return nodeOf[number];
  }

  public PeerId node(int number) {
    return nodes.get(number);
  }

  /// All nodes that hold a member, this one too if it does.
  public List<PeerId> nodes() {
    return nodes;
  }

  /// Those who share a name, those joined in the order of their ids; empty if nobody has it.
  public List<Member> named(String name) {
    int from = 0;
    for (int to = byName.length; from < to; ) {
      int middle = (from + to) >>> 1;
      if (members.get(byName[middle]).name().compareTo(name) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    List<Member> found = new ArrayList<>();
    for (; from < byName.length; from++) {
      Member member = members.get(byName[from]);
      if (!member.name().equals(name)) {
        break;
      }
      found.add(member);
    }
    return found;
  }
}
