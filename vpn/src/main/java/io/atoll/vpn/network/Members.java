package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The members of one network by their ids, in the order of those, numbered from 0 on. No two share
/// an address, and each address lies in the network. Kept as columns: hundreds of members as
/// objects of their own, each with two addresses and a place in a tree, take twice as much. A
/// [Member] is made when it is asked for. Immutable.
public final class Members extends AbstractMap<String, Member> {
  private final Network network;
  private final String[] ids;
  private final String[] names;
  private final List<PeerId> nodes;
  private final short[] nodeOf;

  // The lower halves of their addresses: the upper ones are the same for all of a network.
  private final long[] lows4;
  private final long[] lows6;

  private Members(Network network, Collection<Member> sorted, Map<PeerId, PeerId> same) {
    this.network = network;
    this.ids = sorted.stream().map(Member::id).toArray(String[]::new);
    this.names = sorted.stream().map(Member::name).toArray(String[]::new);
    this.nodes =
        List.copyOf(
            sorted.stream()
                .map(Member::node)
                .distinct()
                .sorted()
                .map(node -> same.getOrDefault(node, node))
                .toList());
    this.nodeOf = new short[ids.length];
    this.lows4 = sorted.stream().mapToLong(member -> member.v4().low()).toArray();
    this.lows6 = sorted.stream().mapToLong(member -> member.v6().low()).toArray();
    int number = 0;
    for (Member member : sorted) {
      nodeOf[number++] = (short) Collections.binarySearch(nodes, member.node());
    }
  }

  /// @param members each by its own id
  /// @param same the objects that name nodes, which are taken in place of those that members bring
  ///     along from the wire
  /// @throws IllegalArgumentException if they do not go together
  static Members of(Network network, Map<String, Member> members, Map<PeerId, PeerId> same) {
    if (members instanceof Members checked && checked.network.equals(network)) {
      return checked;
    }
    if (members.size() > Membership.MOST) {
      throw new IllegalArgumentException("a network of " + members.size() + " members");
    }
    Set<IpAddress> taken = new HashSet<>();
    members.forEach((id, member) -> check(network, id, member, taken));
    return new Members(network, new TreeMap<>(members).values(), same);
  }

  private static void check(Network network, String id, Member member, Set<IpAddress> taken) {
    if (!member.id().equals(id)) {
      throw new IllegalArgumentException("member " + member.id() + " stands for " + id);
    }
    for (IpAddress address : new IpAddress[] {member.v4(), member.v6()}) {
      if (!network.isForMembers(address)) {
        throw new IllegalArgumentException(
            address + " is no address for a member of " + network.name());
      }
      if (!taken.add(address)) {
        throw new IllegalArgumentException("two members of " + network.name() + " at " + address);
      }
    }
  }

  // ---- by number

  public Member member(int number) {
    return new Member(
        ids[number],
        names[number],
        nodes.get(nodeOf[number]),
        new IpAddress(0, lows4[number]),
        new IpAddress(network.v6().base().high(), lows6[number]));
  }

  public String id(int number) {
    return ids[number];
  }

  String name(int number) {
    return names[number];
  }

  /// The number of a member; below zero if there is none with that id.
  public int number(String id) {
    return Arrays.binarySearch(ids, id);
  }

  /// Whether a member here has the same addresses as another one there.
  public boolean sameAddresses(int number, Members others, int other) {
    return lows4[number] == others.lows4[other] && lows6[number] == others.lows6[other];
  }

  /// The nodes that hold a member, in their order.
  public List<PeerId> nodes() {
    return nodes;
  }

  /// Where in [#nodes] a member's node is.
  int nodeOf(int number) {
    return nodeOf[number];
  }

  AddressTable byAddress4() {
    return new AddressTable(lows4);
  }

  AddressTable byAddress6() {
    return new AddressTable(lows6);
  }

  // ---- as a map

  @Override
  public int size() {
    return ids.length;
  }

  @Override
  public @Nullable Member get(@Nullable Object id) {
    int number = id instanceof String text ? number(text) : -1;
    return number < 0 ? null : member(number);
  }

  @Override
  public boolean containsKey(@Nullable Object id) {
    return id instanceof String text && number(text) >= 0;
  }

  @Override
  public Set<Map.Entry<String, Member>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return ids.length;
      }

      @Override
      public Iterator<Map.Entry<String, Member>> iterator() {
        return IntStream.range(0, ids.length)
            .mapToObj(number -> Map.entry(ids[number], member(number)))
            .iterator();
      }
    };
  }
}
