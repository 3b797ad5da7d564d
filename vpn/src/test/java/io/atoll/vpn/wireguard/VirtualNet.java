package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.machine.PeerMachine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Engines in one virtual time, and a wire between them that loses, doubles, delays and mixes up.
final class VirtualNet {
  static final long SECOND = 1_000_000_000L;
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  final Random random;
  final AeadSuite suite = AeadSuite.choose();
  final Map<Address, Node> nodes = new HashMap<>();
  double loss;
  double doubled;
  long delay = SECOND / 100;
  long jitter;
  private long now = 77 * SECOND;
  private long number;
  private final PriorityQueue<Flying> flying = new PriorityQueue<>();

  record Address(int ip, int port) implements Path {
    @Override
    public byte[] source() {
      return ByteBuffer.allocate(6).putInt(ip).putShort((short) port).array();
    }
  }

  /// An inner packet that arrived.
  record Arrived(Peer from, byte[] packet) {}

  private record Flying(long at, long number, Address from, Address to, byte[] datagram)
      implements Comparable<Flying> {
    @Override
    public int compareTo(Flying other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  VirtualNet(long seed) {
    random = new Random(seed);
  }

  long now() {
    return now;
  }

  Node node(Address address) {
    Node node = new Node(address);
    nodes.put(address, node);
    return node;
  }

  void fly(Address from, Address to, byte[] datagram) {
    int copies = random.nextDouble() < loss ? 0 : random.nextDouble() < doubled ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long at = now + delay + (jitter == 0 ? 0 : random.nextLong(jitter));
      flying.add(new Flying(at, number++, from, to, datagram));
    }
  }

  /// Lets time pass, with all that happens in it.
  void pass(Duration time) {
    long end = now + time.toNanos();
    while (true) {
      long next = end;
      Flying first = flying.peek();
      if (first != null) {
        next = Math.min(next, first.at);
      }
      for (Node node : nodes.values()) {
        next = node.woken ? now : Math.min(next, Math.max(now, node.next));
      }
      now = Math.max(now, next);
      while (first != null && first.at <= now) {
        flying.poll();
        Node to = nodes.get(first.to);
        if (to != null) {
          to.receive(first.datagram, first.from);
        }
        first = flying.peek();
      }
      boolean idle = first == null || first.at > now;
      for (Node node : nodes.values()) {
        if (node.next <= now || node.woken) {
          node.run();
        }
        idle &= node.next > now && !node.woken;
      }
      if (now >= end && idle) {
        return;
      }
    }
  }

  /// An engine at an address.
  final class Node implements Paths, EngineClock {
    Address address;
    final Engine engine;
    final Inbound inbound;
    final List<Arrived> arrived = new ArrayList<>();
    final Map<Outcome, Integer> outcomes = new HashMap<>();
    final Map<Peer, Path> endpoints = new HashMap<>();
    Duration wallSkew = Duration.ZERO;
    boolean woken = true;
    private long next = PeerMachine.NEVER;
    private final MemorySegment memory = Arena.ofAuto().allocate(70_000, 16);
    private final long buffer = memory.address();

    Node(Address address) {
      this.address = address;
      this.engine = new Engine(this, new Random(random.nextLong()), suite, this);
      this.inbound = engine.inbound();
      engine.waker(() -> woken = true);
    }

    /// Elsewhere from now on; what still flies to where it was is lost.
    void moveTo(Address there) {
      nodes.remove(address);
      address = there;
      nodes.put(there, this);
    }

    void run() {
      woken = false;
      next = engine.run();
    }

    Outcome send(LocalIdentity identity, byte[] packet) {
      long at = buffer + Outbound.HEADROOM;
      Memory.copy(packet, at, packet.length);
      return engine.outbound(identity, 1420).send(at, packet.length, now);
    }

    Outcome receive(byte[] datagram, Path from) {
      Memory.copy(datagram, buffer, datagram.length);
      Outcome outcome = inbound.open(buffer, datagram.length, from, now);
      outcomes.merge(outcome, 1, Integer::sum);
      if (outcome == Outcome.DATA) {
        byte[] packet = new byte[inbound.length()];
        Memory.copy(inbound.packet(), packet, packet.length);
        arrived.add(new Arrived(inbound.peer(), packet));
      }
      inbound.settle(now);
      return outcome;
    }

    @Override
    public void send(Peer peer, long start, int length, int segment) {
      for (int at = 0; at < length; at += segment) {
        byte[] datagram = new byte[Math.min(segment, length - at)];
        Memory.copy(start + at, datagram, datagram.length);
        @Nullable Path to = endpoints.get(peer);
        if (to instanceof Address there) {
          fly(address, there, datagram);
        }
      }
    }

    @Override
    public void reply(Path to, byte[] datagram) {
      fly(address, (Address) to, datagram);
    }

    @Override
    public void heard(Peer peer, Path from) {
      endpoints.put(peer, from);
    }

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public Instant wall() {
      return EPOCH.plusNanos(now).plus(wallSkew);
    }
  }
}
