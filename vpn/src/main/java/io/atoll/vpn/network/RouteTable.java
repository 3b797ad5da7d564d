package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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

  /// What IPv4 has in the upper bits of the lower half, see [IpAddress].
  private static final long MAPPED = 0xffff_0000_0000L;

  private static final long LIMITED_BROADCAST = MAPPED | 0xffff_ffffL;

  private final Membership membership;
  private final Members members;

  /// The number of the node that this is; -1 if it holds no member.
  private final int here;

  private final AddressTable four;
  private final AddressTable six;

  /// The upper half of all addresses of IPv6 in it.
  private final long prefix;

  // What no member's address means is asked for each packet of a group, or to the world outside.
  private final long first4;
  private final long last4;
  private final long gateway4;
  private final long gateway6;

  /// The members' numbers, in the order of their names.
  private final short[] byName;

  public RouteTable(Membership membership, PeerId self) {
    Network network = membership.network();
    this.membership = membership;
    this.members = membership.members();
    this.here = Math.max(-1, Collections.binarySearch(members.nodes(), self));
    this.four = members.byAddress4();
    this.six = members.byAddress6();
    this.prefix = network.v6().base().high();
    this.first4 = network.v4().base().low();
    this.last4 = network.v4().last().low();
    this.gateway4 = network.gateway4().low();
    this.gateway6 = network.gateway6().low();
    this.byName = new short[members.size()];
    int at = 0;
    for (Integer number :
        IntStream.range(0, byName.length)
            .boxed()
            .sorted(Comparator.comparing(members::name))
            .toList()) {
      byName[at++] = number.shortValue();
    }
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
    boolean four = high == 0 && low >>> 32 == MAPPED >>> 32;
    boolean multicast = four ? (low & 0xf000_0000L) == 0xe000_0000L : high >>> 56 == 0xff;
    if (multicast || (four && (low == last4 || low == LIMITED_BROADCAST))) {
      return EVERYBODY;
    }
    if (four ? low == gateway4 : high == prefix && low == gateway6) {
      return GATEWAY;
    }
    boolean inside = four ? low >= first4 && low <= last4 : high == prefix;
    return inside ? NOBODY : OUTSIDE;
  }

  public Membership membership() {
    return membership;
  }

  /// @param number as [#find] gave it
  public Member member(int number) {
    return members.member(number);
  }

  /// Whether a member is on this very node.
  public boolean isHere(int number) {
    return members.nodeOf(number) == here;
  }

  /// The node of a member, as a number for [#node].
  public int nodeOf(int number) {
    return members.nodeOf(number);
  }

  public PeerId node(int number) {
    return members.nodes().get(number);
  }

  /// All nodes that hold a member, this one too if it does.
  public List<PeerId> nodes() {
    return members.nodes();
  }

  /// Those who share a name, those joined in the order of their ids; empty if nobody has it.
  public List<Member> named(String name) {
    int from = 0;
    for (int to = byName.length; from < to; ) {
      int middle = (from + to) >>> 1;
      if (members.name(byName[middle]).compareTo(name) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    List<Member> found = new ArrayList<>();
    while (from < byName.length && members.name(byName[from]).equals(name)) {
      found.add(members.member(byName[from++]));
    }
    return found;
  }
}
