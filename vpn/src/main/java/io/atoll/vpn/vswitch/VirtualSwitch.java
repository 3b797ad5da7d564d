package io.atoll.vpn.vswitch;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Members;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The switch of one network on one node. Each port has a platform thread that takes what its
/// member sends all the way: to another port here, or sealed and sent to another node. Nothing
/// waits in between; where there is no room, it is dropped and counted.
public final class VirtualSwitch implements AutoCloseable {
  /// What each packet is judged by; exchanged as a whole.
  ///
  /// @param ports by the number of their member in the table; null where it is not here
  /// @param exit the way out for what `egress` allows; null if this node has none
  record View(
      RouteTable table, @Nullable SwitchPort[] ports, EgressTable egress, @Nullable Exit exit) {}

  /// So many moves are told to guests at once; who misses one asks again.
  private static final int MOST_ANNOUNCED = 64;

  private final PeerId self;
  private final Supplier<Uplink> uplinks;
  private final LongSupplier clock;
  private final int mtu;
  private final SwitchCounters fromOutside = new SwitchCounters();

  /// Of ports that are no longer there.
  private final SwitchCounters gone = new SwitchCounters();
  private volatile View view;
  private volatile EgressMeter meter = new EgressMeter(List.of());

  // Under the lock of this object: by the member's id.
  private final Map<String, SwitchPort> attached = new HashMap<>();

  /// @param mtu the longest packet of IP in this network
  /// @param uplinks gives each port's thread one of its own
  public VirtualSwitch(PeerId self, Membership membership, int mtu, Supplier<Uplink> uplinks) {
    this(self, membership, mtu, uplinks, System::nanoTime);
  }

  /// @param clock of nanoseconds, by which floods are bounded
  public VirtualSwitch(
      PeerId self, Membership membership, int mtu, Supplier<Uplink> uplinks, LongSupplier clock) {
    this.clock = clock;
    this.self = self;
    this.uplinks = uplinks;
    this.mtu = mtu;
    this.view =
        new View(
            new RouteTable(membership, self),
            new SwitchPort[membership.members().size()],
            EgressTable.NOTHING_LEAVES,
            null);
  }

  /// From now on these are the members. A port whose member has left goes on being open, and
  /// nothing reaches it; one whose member has another address has it from now on.
  public synchronized void update(Membership membership) {
    List<Member> moved = moved(view.table.membership(), membership);
    show(membership);
    for (Member member : moved.subList(0, Math.min(moved.size(), MOST_ANNOUNCED))) {
      announce(member);
    }
  }

  /// Those who have other addresses than before; what they and those who left had open outside is
  /// closed.
  private List<Member> moved(Membership before, Membership after) {
    List<Member> moved = new ArrayList<>();
    Members old = before.members();
    Members all = after.members();
    for (int number = 0; number < old.size(); number++) {
      int now = all.number(old.id(number));
      if (now >= 0 && old.sameAddresses(number, all, now)) {
        continue;
      }
      if (view.exit != null) {
        Member member = old.member(number);
        view.exit.forget(member.v4(), member.v6());
      }
      if (now >= 0) {
        moved.add(all.member(now));
      }
    }
    return moved;
  }

  private void announce(Member moved) {
    for (SwitchPort port : attached.values()) {
      EthernetEnd end = port.end;
      if (end != null) {
        List<byte[]> frames =
            port.member().id().equals(moved.id())
                ? List.of(end.advertisement())
                : end.announcements(moved);
        frames.forEach(port::bring);
        port.flush();
      }
    }
  }

  /// From now on these packets may leave, through there. Counts of rules that stay go on.
  ///
  /// @param exit null if this node lets nothing out
  public synchronized void egress(Egress rules, @Nullable Exit exit) {
    if (rules.equals(view.egress.egress()) && Objects.equals(exit, view.exit)) {
      return;
    }
    meter = meter.changed(rules.rules());
    view = new View(view.table, view.ports, new EgressTable(rules), exit);
    for (SwitchPort port : attached.values()) {
      port.egress = port.egress.changed(rules.rules());
      if (port.end != null && port.end.leaves(exit != null && rules.any())) {
        port.bring(port.end.advertisement());
        port.flush();
      }
    }
  }

  /// What each rule decided on, on this node.
  public List<EgressCount> egress() {
    return meter.counts();
  }

  /// What each rule decided on of what one member sent; empty if it is not attached.
  public synchronized List<EgressCount> egress(String member) {
    SwitchPort there = attached.get(member);
    return there == null ? List.of() : there.egress.counts();
  }

  /// What became of all that would leave from this node.
  public EgressSum egressSum() {
    return meter.sum();
  }

  /// The same for each member that is attached here and sent something that would leave, by its id.
  public synchronized Map<String, EgressSum> egressSums() {
    Map<String, EgressSum> sums = new TreeMap<>();
    attached.forEach(
        (member, port) -> {
          EgressSum sum = port.egress.sum();
          if (!sum.equals(EgressSum.NONE)) {
            sums.put(member, sum);
          }
        });
    return sums;
  }

  private void show(Membership membership) {
    RouteTable table = new RouteTable(membership, self);
    @Nullable SwitchPort[] ports = new SwitchPort[membership.members().size()];
    attached.forEach(
        (id, there) -> {
          int number = membership.members().number(id);
          if (number >= 0) {
            there.moved(membership.members().member(number));
            ports[number] = there;
          }
        });
    view = new View(table, ports, view.egress, view.exit);
  }

  /// Attaches a member's port, and reads it from now on, until the port is closed.
  ///
  /// @param card of the guest, where the port is one of Ethernet
  public synchronized void attach(Member member, PacketPort port, @Nullable MacAddress card) {
    EthernetEnd end =
        card == null
            ? null
            : new EthernetEnd(
                new Guest(
                    view.table.membership().network(),
                    member,
                    card,
                    mtu,
                    view.exit != null && view.egress.egress().any()));
    EgressMeter own = new EgressMeter(view.egress.egress().rules());
    SwitchPort there = new SwitchPort(member, port, end, own);
    attached.put(member.id(), there);
    show(view.table.membership());
    if (end != null) {
      there.bring(end.advertisement());
      there.flush();
    }
    Thread.ofPlatform().daemon().name("switch " + member.name()).start(() -> serve(there));
  }

  /// Forgets a port and closes it.
  public synchronized void detach(String member) {
    SwitchPort there = attached.remove(member);
    if (there != null) {
      if (view.exit != null) {
        view.exit.forget(there.member().v4(), there.member().v6());
      }
      show(view.table.membership());
      there.port.close();
      gone.add(there.counters);
    }
  }

  View view() {
    return view;
  }

  EgressMeter meter() {
    return meter;
  }

  long nanos() {
    return clock.getAsLong();
  }

  PeerId self() {
    return self;
  }

  public RouteTable table() {
    return view.table;
  }

  /// What went through a member's port; null if none is attached.
  public synchronized SwitchCounters.@Nullable Counts counts(String member) {
    SwitchPort there = attached.get(member);
    return there == null ? null : there.counters.counts();
  }

  /// What other nodes sent and nobody got.
  public SwitchCounters.Counts fromOutside() {
    return fromOutside.counts();
  }

  /// How many packets went nowhere for this reason, whoever sent them, since the switch is there.
  public synchronized long lost(SwitchCounters.Lost why) {
    long sum = fromOutside.of(why) + gone.of(why);
    for (SwitchPort port : attached.values()) {
      sum += port.counters.of(why);
    }
    return sum;
  }

  private void serve(SwitchPort from) {
    PacketBatch batch = PacketBatch.usual();
    Sending sending = new Sending(this, from, mtu, uplinks.get());
    try {
      while (true) {
        var _ = from.port.receive(batch);
        sending.send(batch);
      }
    } catch (IOException closed) {
      // Whoever closed the port wanted that.
    }
  }

  /// Takes a packet that another node sent, opened and genuine. To be followed by [#flush] when
  /// there are no more for now.
  ///
  /// @param from the node whose key it was sealed with
  public void deliver(PeerId from, MemorySegment memory, long at, int bytes) {
    View now = view;
    if (!Headers.wholeHeader(memory, at, bytes)) {
      fromOutside.lost(SwitchCounters.Lost.MALFORMED);
      return;
    }
    int source = Headers.source(now.table, memory, at);
    if (source < 0 || !now.table.node(now.table.nodeOf(source)).equals(from)) {
      fromOutside.lost(SwitchCounters.Lost.FORGED);
      return;
    }
    int found = Headers.find(now.table, memory, at);
    if (found == RouteTable.EVERYBODY) {
      for (SwitchPort to : now.ports) {
        if (to != null) {
          to.bring(memory, at, bytes);
        }
      }
      return;
    }
    SwitchPort to = found >= 0 && now.table.isHere(found) ? now.ports[found] : null;
    if (to == null) {
      fromOutside.lost(SwitchCounters.Lost.NOBODY);
    } else {
      to.bring(memory, at, bytes);
    }
  }

  /// Takes a packet from outside, for a member here; a super-packet perhaps. To be followed by
  /// [#flush] when there are no more for now.
  ///
  /// @param sumFrom see [PacketBatch#addUnsummed]; 0 if no sum is to be made
  public void enter(
      MemorySegment memory,
      long at,
      int bytes,
      Segmentation what,
      int gso,
      int sumFrom,
      int sumAt) {
    View now = view;
    int found = Headers.wholeHeader(memory, at, bytes) ? Headers.find(now.table, memory, at) : -1;
    SwitchPort to = found >= 0 && now.table.isHere(found) ? now.ports[found] : null;
    if (to == null) {
      fromOutside.lost(SwitchCounters.Lost.NOBODY);
    } else {
      to.bring(memory, at, bytes, what, gso, sumFrom, sumAt);
    }
  }

  /// Hands over what was delivered.
  public void flush() {
    for (SwitchPort port : view.ports) {
      if (port != null) {
        port.flush();
      }
    }
  }

  @Override
  public synchronized void close() {
    List.copyOf(attached.keySet()).forEach(this::detach);
  }
}
