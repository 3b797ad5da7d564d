package io.atoll.vpn.vswitch;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The switch of one network on one node. Each port has a platform thread that takes what its
/// member sends all the way: to another port here, or sealed and sent to another node. Nothing
/// waits in between; where there is no room, it is dropped and counted.
public final class VirtualSwitch implements AutoCloseable {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MAPPED = 0xffff_0000_0000L;

  /// What each packet is judged by; exchanged as a whole.
  ///
  /// @param ports by the number of their member in the table; null where it is not here
  private record View(RouteTable table, @Nullable SwitchPort[] ports) {}

  private final PeerId self;
  private final Uplink uplink;
  private final int mtu;
  private final SwitchCounters fromOutside = new SwitchCounters();
  private volatile View view;

  // Under the lock of this object: by the member's id.
  private final Map<String, SwitchPort> attached = new HashMap<>();

  /// @param mtu the longest packet of IP in this network
  public VirtualSwitch(PeerId self, Membership membership, int mtu, Uplink uplink) {
    this.self = self;
    this.uplink = uplink;
    this.mtu = mtu;
    this.view = new View(new RouteTable(membership, self), new SwitchPort[0]);
    update(membership);
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
    Sending sending = new Sending(from);
    try {
      while (true) {
        var _ = from.port.receive(batch);
        sending.send(batch);
      }
    } catch (IOException closed) {
      // Whoever closed the port wanted that.
    }
  }

  /// What one port's thread does with what its member sends.
  private final class Sending {
    private final SwitchPort from;
    private final int link;
    private final List<SwitchPort> touched = new ArrayList<>();
    private final PacketBatch copies = new PacketBatch(1, 1);
    private boolean left;

    Sending(SwitchPort from) {
      this.from = from;
      this.link = from.linkBytes();
    }

    void send(PacketBatch batch) {
      View now = view;
      for (int i = 0; i < batch.count(); i++) {
        one(now, batch, i);
      }
      for (int i = 0; i < touched.size(); i++) {
        touched.get(i).flush();
      }
      touched.clear();
      if (left) {
        uplink.flush();
        left = false;
      }
    }

    private void one(View now, PacketBatch batch, int i) {
      int bytes = batch.length(i) - link;
      long at = (long) batch.offset(i) + link;
      from.counters.sent(Math.max(0, bytes));
      if (from.end != null && !plainlyOurs(now, batch, i)) {
        question(now, batch, i);
        return;
      }
      forward(now, batch, i, at, bytes);
    }

    /// Whether a frame is one of IP between members, as nearly all are.
    private boolean plainlyOurs(View now, PacketBatch batch, int i) {
      EthernetEnd end = from.end;
      return end != null
          && end.isPlain(batch.memory(), batch.offset(i), batch.length(i))
          && find(now.table, batch.memory(), (long) batch.offset(i) + link) >= 0;
    }

    private void question(View now, PacketBatch batch, int i) {
      byte[] frame = bytes(batch.memory(), batch.offset(i), batch.length(i));
      EthernetEnd end = from.end;
      if (end == null) {
        return;
      }
      switch (end.judge(now.table, frame)) {
        case EthernetEnd.Verdict.Answer(byte[] answer) -> {
          from.bring(answer);
          touch(from);
        }
        case EthernetEnd.Verdict.Forward() ->
            forward(now, batch, i, (long) batch.offset(i) + link, batch.length(i) - link);
        case EthernetEnd.Verdict.Dropped(EthernetEnd.Drop why) ->
            from.counters.lost(
                switch (why) {
                  case MALFORMED -> SwitchCounters.Lost.MALFORMED;
                  case FOREIGN_CARD, FOREIGN_SOURCE -> SwitchCounters.Lost.FORGED;
                  case NOT_IP, UNANSWERED -> SwitchCounters.Lost.UNANSWERED;
                });
      }
    }

    private void forward(View now, PacketBatch batch, int i, long at, int bytes) {
      MemorySegment memory = batch.memory();
      if (!wholeHeader(memory, at, bytes)) {
        from.counters.lost(SwitchCounters.Lost.MALFORMED);
        return;
      }
      if (!isFrom(from.member(), memory, at)) {
        from.counters.lost(SwitchCounters.Lost.FORGED);
        return;
      }
      if (bytes > mtu && batch.segmentation(i) == Segmentation.NONE) {
        tell(Icmp.tooBig(now.table.membership().network(), bytes(memory, at, bytes), mtu));
        from.counters.lost(SwitchCounters.Lost.TOO_LONG);
        return;
      }
      int found = find(now.table, memory, at);
      if (found >= 0) {
        toMember(now, batch, i, at, bytes, found);
        return;
      }
      switch (found) {
        case RouteTable.GATEWAY -> {
          byte[] answer = GatewayHost.answer(now.table, bytes(memory, at, bytes));
          if (answer == null) {
            from.counters.lost(SwitchCounters.Lost.UNANSWERED);
          } else {
            tell(answer);
          }
        }
        case RouteTable.EVERYBODY -> toEverybody(now, batch, i, at, bytes);
        case RouteTable.NOBODY ->
            nowhere(now, memory, at, bytes, Icmp.Unreachable.HOST, SwitchCounters.Lost.NOBODY);
        default ->
            nowhere(
                now, memory, at, bytes, Icmp.Unreachable.FORBIDDEN, SwitchCounters.Lost.OUTSIDE);
      }
    }

    private void toMember(View now, PacketBatch batch, int i, long at, int bytes, int found) {
      if (!now.table.isHere(found)) {
        uplink.send(batch, i, link, now.table.node(now.table.nodeOf(found)));
        left = true;
        return;
      }
      SwitchPort to = now.ports[found];
      if (to == null) {
        nowhere(now, batch.memory(), at, bytes, Icmp.Unreachable.HOST, SwitchCounters.Lost.NOBODY);
        return;
      }
      bring(to, batch, i, at, bytes);
    }

    private void bring(SwitchPort to, PacketBatch batch, int i, long at, int bytes) {
      int start = batch.checksumStart(i);
      to.bring(
          batch.memory(),
          at,
          bytes,
          batch.segmentation(i),
          batch.gsoSize(i),
          start == 0 ? 0 : start - link,
          start == 0 ? 0 : batch.checksumAt(i) - start);
      touch(to);
    }

    private void toEverybody(View now, PacketBatch batch, int i, long at, int bytes) {
      for (SwitchPort to : now.ports) {
        if (to != null && to != from) {
          bring(to, batch, i, at, bytes);
        }
      }
      for (PeerId node : now.table.nodes()) {
        if (!node.equals(self)) {
          copies.clear();
          int place = copies.place(bytes);
          if (place >= 0) {
            MemorySegment.copy(batch.memory(), at, copies.memory(), place, bytes);
            int start = batch.checksumStart(i);
            copies.add(
                place,
                bytes,
                batch.segmentation(i),
                batch.gsoSize(i),
                start == 0 ? 0 : start - link,
                start == 0 ? 0 : batch.checksumAt(i) - start);
            uplink.send(copies, 0, 0, node);
            left = true;
          }
        }
      }
    }

    private void nowhere(
        View now,
        MemorySegment memory,
        long at,
        int bytes,
        Icmp.Unreachable why,
        SwitchCounters.Lost lost) {
      from.counters.lost(lost);
      if (from.budget.take(System.nanoTime())) {
        byte[] packet = bytes(memory, at, bytes);
        tell(Icmp.unreachable(now.table.membership().network(), packet, why));
      }
    }

    /// Sends a packet of the switch's own to the member that is served.
    private void tell(byte @Nullable [] packet) {
      if (packet != null) {
        MemorySegment made = MemorySegment.ofArray(packet);
        from.bring(made, 0, packet.length, Segmentation.NONE, 0, 0, 0);
        touch(from);
      }
    }

    private void touch(SwitchPort port) {
      if (!touched.contains(port)) {
        touched.add(port);
      }
    }
  }

  /// Takes a packet that another node sent, opened and genuine. To be followed by [#flush] when
  /// there are no more for now.
  ///
  /// @param from the node whose key it was sealed with
  public void deliver(PeerId from, MemorySegment memory, long at, int bytes) {
    View now = view;
    if (!wholeHeader(memory, at, bytes)) {
      fromOutside.lost(SwitchCounters.Lost.MALFORMED);
      return;
    }
    int source = source(now.table, memory, at);
    if (source < 0 || !now.table.node(now.table.nodeOf(source)).equals(from)) {
      fromOutside.lost(SwitchCounters.Lost.FORGED);
      return;
    }
    int found = find(now.table, memory, at);
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

  private static boolean wholeHeader(MemorySegment memory, long at, int bytes) {
    int version = bytes < 1 ? 0 : (memory.get(JAVA_BYTE, at) & 0xf0) >> 4;
    return version == 4 ? bytes >= Packets.V4_BYTES : version == 6 && bytes >= Packets.V6_BYTES;
  }

  private static boolean isFour(MemorySegment memory, long at) {
    return (memory.get(JAVA_BYTE, at) & 0xf0) == 0x40;
  }

  private static boolean isFrom(Member member, MemorySegment memory, long at) {
    if (isFour(memory, at)) {
      return member.v4().low() == (MAPPED | (memory.get(INT, at + 12) & 0xffff_ffffL));
    }
    return member.v6().high() == memory.get(LONG, at + 8)
        && member.v6().low() == memory.get(LONG, at + 16);
  }

  private static int source(RouteTable table, MemorySegment memory, long at) {
    return isFour(memory, at)
        ? table.find(0, MAPPED | (memory.get(INT, at + 12) & 0xffff_ffffL))
        : table.find(memory.get(LONG, at + 8), memory.get(LONG, at + 16));
  }

  private static int find(RouteTable table, MemorySegment memory, long at) {
    return isFour(memory, at)
        ? table.find(0, MAPPED | (memory.get(INT, at + 16) & 0xffff_ffffL))
        : table.find(memory.get(LONG, at + 24), memory.get(LONG, at + 32));
  }

  private static byte[] bytes(MemorySegment memory, long at, int count) {
    byte[] bytes = new byte[count];
    MemorySegment.copy(memory, JAVA_BYTE, at, bytes, 0, count);
    return bytes;
  }

  @Override
  public synchronized void close() {
    List.copyOf(attached.keySet()).forEach(this::detach);
  }
}
