package io.atoll.vpn.vswitch;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.vpn.network.Member;
import io.atoll.vpn.port.Coalescer;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.Offloading;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One member's port of the switch: what is for the member gathers here until whoever brought it
/// says that it was all. Any thread brings; the lock of this object orders them.
final class SwitchPort {
  final PacketPort port;
  final @Nullable EthernetEnd end;
  final SwitchCounters counters = new SwitchCounters();

  // Of the port's thread.
  final MessageBudget budget = MessageBudget.ofErrors();
  final MessageBudget questions = MessageBudget.ofQuestions();
  final MessageBudget groups = MessageBudget.ofGroups();
  final MessageBudget groupBytes = MessageBudget.ofGroupBytes();

  volatile EgressMeter egress;
  private volatile Member member;

  // Under the lock of this object.
  private final PacketBatch batch = PacketBatch.usual();
  private final Coalescer coalescer = new Coalescer(batch);

  /// @param end where Ethernet ends; null for a port of packets of IP
  SwitchPort(Member member, PacketPort port, @Nullable EthernetEnd end, EgressMeter egress) {
    if ((port.link() == Link.ETHERNET) != (end != null)) {
      throw new IllegalArgumentException("a port of Ethernet, and nothing else, has an end of it");
    }
    this.member = member;
    this.port = port;
    this.end = end;
    this.egress = egress;
    coalescer.join(port instanceof Offloading able ? able.offloads() : Set.of());
  }

  Member member() {
    return member;
  }

  /// The member has other addresses from now on.
  void moved(Member now) {
    member = now;
    if (end != null) {
      end.moved(now);
    }
  }

  int linkBytes() {
    return port.link().bytes();
  }

  /// Brings a packet that came over the network; packets that follow each other are joined where
  /// the port takes that.
  synchronized void bring(MemorySegment memory, long offset, int bytes) {
    if (end != null) {
      bring(memory, offset, bytes, Segmentation.NONE, 0, 0, 0);
      return;
    }
    int at = coalescer.place(bytes);
    if (at < 0) {
      flush();
      at = coalescer.place(bytes);
    }
    if (at < 0) {
      counters.lost(SwitchCounters.Lost.TOO_LONG);
      return;
    }
    MemorySegment.copy(memory, offset, batch.memory(), at, bytes);
    coalescer.placed(bytes);
    counters.received(bytes);
  }

  /// Brings an entry of another port's batch, a super-packet perhaps.
  ///
  /// @param offset where its packet of IP begins
  /// @param sumFrom from there; 0 if no sum is to be made
  synchronized void bring(
      MemorySegment memory,
      long offset,
      int bytes,
      Segmentation what,
      int gso,
      int sumFrom,
      int sumAt) {
    coalescer.finish();
    int link = linkBytes();
    int at = batch.place(link + bytes);
    if (at < 0) {
      flush();
      at = batch.place(link + bytes);
    }
    if (at < 0) {
      counters.lost(SwitchCounters.Lost.TOO_LONG);
      return;
    }
    if (end != null) {
      boolean four = (memory.get(JAVA_BYTE, offset) & 0xf0) == 0x40;
      end.head(batch.memory(), at, four);
    }
    MemorySegment.copy(memory, offset, batch.memory(), (long) at + link, bytes);
    batch.add(at, link + bytes, what, gso, sumFrom == 0 ? 0 : sumFrom + link, sumAt);
    counters.received(bytes);
  }

  /// Brings a whole frame, or with a port of IP a whole packet, that the switch itself has made.
  synchronized void bring(byte[] made) {
    coalescer.finish();
    int at = batch.place(made.length);
    if (at < 0) {
      flush();
      at = batch.place(made.length);
    }
    if (at >= 0) {
      MemorySegment.copy(made, 0, batch.memory(), JAVA_BYTE, at, made.length);
      batch.add(at, made.length);
      counters.received(made.length);
    }
  }

  /// Hands over what has gathered.
  synchronized void flush() {
    coalescer.finish();
    int count = batch.count();
    if (count > 0) {
      int taken = 0;
      try {
        taken = port.send(batch);
      } catch (IOException closed) {
        // Counted below; whoever attached the port knows that it is gone.
      }
      for (int i = taken; i < count; i++) {
        counters.lost(SwitchCounters.Lost.FULL);
      }
    }
    batch.clear();
  }
}
