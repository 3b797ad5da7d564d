package io.atoll.vpn.vswitch;

import io.atoll.core.term.MacAddress;
import io.atoll.core.identity.PeerId;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The switch of one network on one node. Each port has a platform thread that takes what its
/// member sends all the way: to another port here, or sealed and sent to another node. Nothing
/// waits in between; where there is no room, it is dropped and counted.
public final class VirtualSwitch implements AutoCloseable {
  /// What each packet is judged by; exchanged as a whole.
  ///
  /// @param ports by the number of their member in the table; null where it is not here
  record View(RouteTable table, @Nullable SwitchPort[] ports) {}

  private final PeerId self;
  private final Supplier<Uplink> uplinks;
  private final int mtu;
  private final SwitchCounters fromOutside = new SwitchCounters();
  private volatile View view;

  // Under the lock of this object: by the member's id.
  private final Map<String, SwitchPort> attached = new HashMap<>();

  /// @param mtu the longest packet of IP in this network
  /// @param uplinks gives each port's thread one of its own
  public VirtualSwitch(PeerId self, Membership membership, int mtu, Supplier<Uplink> uplinks) {
    this.self = self;
    this.uplinks = uplinks;
    this.mtu = mtu;
    this.view =
        new View(new RouteTable(membership, self), new SwitchPort[membership.members().size()]);
  }

  /// From now on these are the members. A port whose member has left goes on being open, and
  /// nothing reaches it; one whose member has another address has it from now on.
  public synchronized void update(Membership membership) {
    RouteTable table = new RouteTable(membership, self);
    @Nullable SwitchPort[] ports = new SwitchPort[membership.members().size()];
    int number = 0;
    for (Member member : membership.members().values()) {
      SwitchPort there = attached.get(member.id());
      if (there != null) {
        there.moved(member);
      }
      ports[number++] = there;
    }
    view = new View(table, ports);
  }

  /// Attaches a member's port, and reads it from now on, until the port is closed.
  ///
  /// @param card of the guest, where the port is one of Ethernet
  public synchronized void attach(Member member, PacketPort port, @Nullable MacAddress card) {
    EthernetEnd end =
        card == null
            ? null
            : new EthernetEnd(
                new Guest(view.table.membership().network(), member, card, mtu, false));
    SwitchPort there = new SwitchPort(member, port, end);
    attached.put(member.id(), there);
    update(view.table.membership());
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
      update(view.table.membership());
      there.port.close();
    }
  }

  View view() {
    return view;
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
