package io.atoll.vpn.vswitch;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.IpHeader;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.Segmentation;
import io.atoll.vpn.port.Splitter;
import io.atoll.vpn.port.TooBig;
import io.atoll.vpn.vswitch.VirtualSwitch.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one port's thread does with what its member sends.
final class Sending {
  private final VirtualSwitch owner;
  private final SwitchPort from;
  private final int mtu;
  private final Uplink uplink;
  private final int link;
  private final List<SwitchPort> touched = new ArrayList<>();
  private final PacketBatch copies = new PacketBatch(1, 1);
  private final TooBig tooBig = new TooBig();
  private final IpHeader header = new IpHeader();
  private final Splitter splitter;
  private boolean left;

  Sending(VirtualSwitch owner, SwitchPort from, int mtu, Uplink uplink) {
    this.owner = owner;
    this.from = from;
    this.mtu = mtu;
    this.uplink = uplink;
    this.link = from.linkBytes();
    this.splitter = new Splitter(from.port.link());
  }

  void send(PacketBatch batch) {
    View now = owner.view();
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

  /// Whether a frame is one of IP between members, or on its way out, as nearly all are.
  private boolean plainlyOurs(View now, PacketBatch batch, int i) {
    EthernetEnd end = from.end;
    if (end == null || !end.isPlain(batch.memory(), batch.offset(i), batch.length(i))) {
      return false;
    }
    long at = (long) batch.offset(i) + link;
    int found = Headers.find(now.table(), batch.memory(), at);
    return found >= 0
        || (found == RouteTable.OUTSIDE
            && !EthernetEnd.isLinkLocal(Headers.aimHigh(batch.memory(), at))
            && Headers.isFrom(from.member(), batch.memory(), at));
  }

  private void question(View now, PacketBatch batch, int i) {
    if (!from.questions.take(owner.nanos())) {
      from.counters.lost(SwitchCounters.Lost.FLOOD);
      return;
    }
    if (asksOthers(now, batch, i)) {
      return;
    }
    byte[] frame = Headers.bytes(batch.memory(), batch.offset(i), batch.length(i));
    EthernetEnd end = from.end;
    if (end == null) {
      return;
    }
    switch (end.judge(now.table(), frame)) {
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
    if (!Headers.wholeHeader(memory, at, bytes)) {
      from.counters.lost(SwitchCounters.Lost.MALFORMED);
      return;
    }
    if (!Headers.isFrom(from.member(), memory, at)) {
      from.counters.lost(SwitchCounters.Lost.FORGED);
      return;
    }
    boolean concerned = tooBig.concerns(batch, i, link, mtu);
    if (concerned || (bytes > mtu && batch.segmentation(i) == Segmentation.NONE)) {
      from.counters.lost(SwitchCounters.Lost.TOO_LONG);
      if (concerned && from.budget.take(owner.nanos())) {
        tellTooBig(now.table().membership().network(), batch, i, Headers.isFour(memory, at));
      }
      return;
    }
    int found = Headers.find(now.table(), memory, at);
    if (found >= 0) {
      toMember(now, batch, i, at, bytes, found);
      return;
    }
    switch (found) {
      case RouteTable.GATEWAY -> {
        if (from.end == null && !from.questions.take(owner.nanos())) {
          from.counters.lost(SwitchCounters.Lost.FLOOD);
          return;
        }
        if (batch.checksumStart(i) != 0) {
          toGatewaySummed(now, batch, i);
        } else {
          toGateway(now, memory, at, bytes);
        }
      }
      case RouteTable.EVERYBODY -> toEverybody(now, batch, i, at, bytes);
      case RouteTable.NOBODY ->
          nowhere(now, memory, at, bytes, Icmp.Unreachable.HOST, SwitchCounters.Lost.NOBODY);
      default -> outside(now, batch, i, at, bytes);
    }
  }

  /// One whose sum its sender left to the card, as devices do: the switch reads it itself, so it is
  /// made here.
  private void toGatewaySummed(View now, PacketBatch batch, int i) {
    if (splitter.begin(batch, i) && splitter.next()) {
      toGateway(now, splitter.memory(), splitter.offset() + (long) link, splitter.length() - link);
    } else {
      from.counters.lost(SwitchCounters.Lost.MALFORMED);
    }
  }

  private void toGateway(View now, MemorySegment memory, long at, int bytes) {
    if (asked(now, memory, at, bytes)) {
      return;
    }
    byte[] answer = GatewayHost.answer(now.table(), Headers.bytes(memory, at, bytes));
    if (answer == null) {
      from.counters.lost(SwitchCounters.Lost.UNANSWERED);
    } else {
      tell(answer);
    }
  }

  /// The first rule that it fits decides on a packet that leads out of the network.
  private void outside(View now, PacketBatch batch, int i, long at, int bytes) {
    MemorySegment memory = batch.memory();
    int rule = now.egress().rule(header, memory, at, bytes);
    boolean allowed = now.egress().allows(rule);
    Exit exit = now.exit();
    owner.meter().count(rule, allowed, exit != null, bytes);
    from.egress.count(rule, allowed, exit != null, bytes);
    if (!allowed) {
      nowhere(now, memory, at, bytes, Icmp.Unreachable.FORBIDDEN, SwitchCounters.Lost.OUTSIDE);
      return;
    }
    if (exit == null) {
      nowhere(now, memory, at, bytes, Icmp.Unreachable.FORBIDDEN, SwitchCounters.Lost.NO_EXIT);
    } else if (!leave(exit, batch, i, at, bytes)) {
      from.counters.lost(SwitchCounters.Lost.FULL);
    }
  }

  private boolean leave(Exit exit, PacketBatch batch, int i, long at, int bytes) {
    boolean verified = batch.verified(i) || batch.checksumStart(i) != 0;
    return switch (batch.segmentation(i)) {
      case NONE, TCP4, TCP6 -> exit.leave(batch.memory(), at, bytes, verified);
      case UDP4, UDP6 -> leaveOneByOne(exit, batch, i);
    };
  }

  private boolean leaveOneByOne(Exit exit, PacketBatch batch, int i) {
    boolean taken = splitter.begin(batch, i);
    while (taken && splitter.next()) {
      long at = splitter.offset() + (long) link;
      taken = exit.leave(splitter.memory(), at, splitter.length() - link, true);
    }
    return taken;
  }

  /// A frame with a question for a name that others may know; what comes of it comes later.
  private boolean asksOthers(View now, PacketBatch batch, int i) {
    EthernetEnd end = from.end;
    long at = (long) batch.offset(i) + link;
    int bytes = batch.length(i) - link;
    return end != null
        && now.exit() != null
        && end.isPlain(batch.memory(), batch.offset(i), batch.length(i))
        && Headers.find(now.table(), batch.memory(), at) == RouteTable.GATEWAY
        && Headers.isFrom(from.member(), batch.memory(), at)
        && asked(now, batch.memory(), at, bytes);
  }

  /// Asks the first name server that a rule lets be reached, if the question is for one.
  private boolean asked(View now, MemorySegment memory, long at, int bytes) {
    Exit exit = now.exit();
    List<Egress.Resolver> resolvers = now.egress().egress().resolvers();
    if (exit == null || resolvers.isEmpty()) {
      return false;
    }
    Received in = Received.read(Headers.bytes(memory, at, bytes));
    if (in == null
        || in.port() != NameServer.PORT
        || !NameServer.isForOthers(now.table(), in.payload())) {
      return false;
    }
    for (Egress.Resolver resolver : resolvers) {
      IpAddress of = resolver.address();
      int rule = now.egress().rule(of.high(), of.low(), EgressRule.Protocol.UDP, resolver.port());
      if (now.egress().allows(rule)) {
        owner.meter().count(rule, true, true, bytes);
        from.egress.count(rule, true, true, bytes);
        return exit.ask(in.payload(), resolver, answer -> answered(in, answer));
      }
    }
    return false;
  }

  /// On a thread of the exit.
  private void answered(Received question, byte[] answer) {
    IpAddress to = question.source();
    if (!to.equals(from.member().v4()) && !to.equals(from.member().v6())) {
      return; // It has another address by now.
    }
    int header = to.isV4() ? Packets.V4_BYTES : Packets.V6_BYTES;
    byte[] packet =
        Packets.udp(
            question.destination(),
            NameServer.PORT,
            to,
            question.sourcePort(),
            NameServer.shortened(answer, mtu - header - Packets.UDP_BYTES));
    from.bring(MemorySegment.ofArray(packet), 0, packet.length, Segmentation.NONE, 0, 0, 0);
    from.flush();
  }

  private void toMember(View now, PacketBatch batch, int i, long at, int bytes, int found) {
    if (!now.table().isHere(found)) {
      uplink.send(batch, i, link, now.table().node(now.table().nodeOf(found)));
      left = true;
      return;
    }
    SwitchPort to = now.ports()[found];
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
    long time = owner.nanos();
    if (!from.groups.take(time) || !from.groupBytes.take(time, bytes)) {
      from.counters.lost(SwitchCounters.Lost.FLOOD);
      return;
    }
    for (SwitchPort to : now.ports()) {
      if (to != null && to != from) {
        bring(to, batch, i, at, bytes);
      }
    }
    for (PeerId node : now.table().nodes()) {
      if (!node.equals(owner.self())) {
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
    if (from.budget.take(owner.nanos())) {
      byte[] packet = Headers.bytes(memory, at, bytes);
      tell(Icmp.unreachable(now.table().membership().network(), packet, why));
    }
  }

  private void tellTooBig(Network network, PacketBatch batch, int i, boolean four) {
    byte[] gateway = (four ? network.gateway4() : network.gateway6()).bytes();
    copies.clear();
    if (tooBig.answer(batch, i, link, mtu, gateway, copies)) {
      from.bring(copies.memory(), copies.offset(0), copies.length(0), Segmentation.NONE, 0, 0, 0);
      touch(from);
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
