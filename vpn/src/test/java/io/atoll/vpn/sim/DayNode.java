package io.atoll.vpn.sim;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.path.PathAction;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.PathMachine;
import io.atoll.vpn.wireguard.Engine;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Inbound;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Outbound;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// One node of the day: an engine, and the ways to each other node. What it learns of others comes
/// from the hub or from their packets.
final class DayNode implements Paths, EngineClock {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final NetworkDay day;
  final int number;
  InetSocketAddress address;
  Duration wallSkew = Duration.ZERO;
  Engine engine;
  private Inbound inbound;
  PrivateKey key;
  private LocalIdentity identity;

  // By the number of the other node.
  final @Nullable Peer[] peers = new Peer[NetworkDay.NODES];
  final PathMachine[] ways = new PathMachine[NetworkDay.NODES];
  private final PublicKey[] keys = new PublicKey[NetworkDay.NODES];

  long engineAt;
  private final MemorySegment memory = Arena.ofAuto().allocate(70_000, 16);
  private final long buffer = memory.address();

  DayNode(NetworkDay day, int number, InetSocketAddress address) {
    this.day = day;
    this.number = number;
    this.address = address;
    this.key = day.key();
    this.engine = engine();
    this.inbound = engine.inbound();
    this.identity = engine.add(key);
    for (int i = 0; i < ways.length; i++) {
      ways[i] = new PathMachine(new Random(day.random.nextLong()));
    }
  }

  private Engine engine() {
    return new Engine(this, new Random(day.random.nextLong()), day.suite, this);
  }

  /// As the network's owner says: this is another node's key.
  void learn(int other, PublicKey of) {
    Peer known = peers[other];
    if (known != null && known.publicKey().equals(of)) {
      return;
    }
    if (known != null) {
      engine.remove(known);
    }
    keys[other] = of;
    Cidr inner = Cidr.around(IpAddress.v4(NetworkDay.member(other)), 32);
    peers[other] = engine.add(identity, PeerSettings.of(of, List.of(inner)));
    engineAt = day.now();
  }

  /// As the hub says: there it is.
  void told(int other, InetSocketAddress where) {
    act(other, new PathEvent.Known(List.of(new Candidate(where, Candidate.Kind.OBSERVED))));
  }

  /// The daemon was killed and is back: what the guests hold stays, sessions are gone.
  void restart() {
    engine.close();
    engine = engine();
    inbound = engine.inbound();
    identity = engine.add(key);
    for (int i = 0; i < peers.length; i++) {
      peers[i] = null;
      if (keys[i] != null) {
        learn(i, keys[i]);
      }
    }
    engineAt = day.now();
  }

  /// A new key of this node, from now on.
  void rotate(PrivateKey next) {
    LocalIdentity before = identity;
    key = next;
    identity = engine.add(next);
    for (int i = 0; i < peers.length; i++) {
      peers[i] = null;
      if (keys[i] != null) {
        learn(i, keys[i]);
      }
    }
    if (!day.has(NetworkDay.Bug.KEEPS_OLD_KEY)) {
      engine.remove(before);
    }
  }

  /// Elsewhere from now on, and it knows: it says so to everybody.
  void moved() {
    for (Peer peer : peers) {
      if (peer != null && peer.connected(day.now())) {
        engine.rekey(peer);
      }
    }
    engineAt = day.now();
  }

  /// What the guest sends.
  void send(byte[] packet) {
    long at = buffer + Outbound.HEADROOM;
    Memory.copy(packet, at, packet.length);
    engine.outbound(identity, 1420).send(at, packet.length, day.now());
    engineAt = day.now();
  }

  void received(byte[] datagram, InetSocketAddress from) {
    Memory.copy(datagram, buffer, datagram.length);
    Outcome outcome = inbound.open(buffer, datagram.length, new UdpPath(from), day.now());
    byte @Nullable [] packet = null;
    if (outcome == Outcome.DATA) {
      packet = new byte[inbound.length()];
      Memory.copy(inbound.packet(), packet, packet.length);
    }
    inbound.settle(day.now());
    engineAt = day.now();
    if (packet != null) {
      day.delivered(number, packet);
    }
  }

  void run() {
    engineAt = engine.run();
  }

  /// When one of the ways wants to be looked after.
  long waysAt() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < ways.length; i++) {
      if (i != number) {
        next = Math.min(next, ways[i].next());
      }
    }
    return next;
  }

  void lookAfterWays() {
    for (int i = 0; i < ways.length; i++) {
      if (i != number && ways[i].next() <= day.now()) {
        act(i, new PathEvent.Tick());
      }
    }
  }

  void act(int other, PathEvent event) {
    for (PathAction action : ways[other].step(day.now(), event)) {
      if (action
          instanceof
          PathAction.Probe(io.atoll.vpn.path.Path.Direct(InetSocketAddress to), long token)) {
        day.probe(this, to, token);
      }
    }
  }

  private int numberOf(Peer peer) {
    for (int i = 0; i < peers.length; i++) {
      if (Objects.equals(peers[i], peer)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void send(Peer peer, long start, int length, int segment) {
    int other = numberOf(peer);
    if (other < 0) {
      return; // A handshake of a peer that is just being made or forgotten.
    }
    act(other, new PathEvent.Wanted());
    if (ways[other].path() instanceof io.atoll.vpn.path.Path.Direct(InetSocketAddress to)) {
      for (int at = 0; at < length; at += segment) {
        byte[] datagram = new byte[Math.min(segment, length - at)];
        Memory.copy(start + at, datagram, datagram.length);
        day.fly(this, to, datagram);
      }
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof UdpPath(InetSocketAddress there)) {
      day.fly(this, there, datagram);
    }
  }

  @Override
  public void heard(Peer peer, Path from) {
    int other = numberOf(peer);
    if (other >= 0
        && from instanceof UdpPath(InetSocketAddress there)
        && !day.has(NetworkDay.Bug.NO_ROAMING)) {
      act(other, new PathEvent.Heard(new io.atoll.vpn.path.Path.Direct(there)));
    }
  }

  @Override
  public void forgotten(Peer peer) {}

  @Override
  public long nanos() {
    return day.now();
  }

  @Override
  public Instant wall() {
    return EPOCH.plusNanos(day.now()).plus(wallSkew);
  }
}
