package io.atoll.vpn.node;

import io.atoll.core.term.Cidr;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.wireguard.Engine;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.EngineThread;
import io.atoll.vpn.wireguard.Inbound;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Outbound;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.RoamingPaths;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// A telephone: the engine alone, with one peer and a socket of its own, and a port for what runs
/// on the telephone. It may send from any address.
final class PhoneLink implements AutoCloseable {
  private final Engine engine;
  private final EngineThread thread;
  private final LocalIdentity identity;
  private final MemoryPort.Pair pair = MemoryPort.pair(Link.IP, DeviceLab.MTU, Set.of());
  private volatile DatagramChannel socket;

  PhoneLink(
      PrivateKey key, PublicKey door, PresharedKey preshared, InetSocketAddress at, List<Cidr> all)
      throws IOException {
    socket = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    RoamingPaths paths = new RoamingPaths((datagram, to) -> send(datagram, to));
    engine = new Engine(EngineClock.SYSTEM, new SecureRandom(), AeadSuite.choose(), paths);
    identity = engine.add(key);
    Peer peer =
        engine.add(identity, new PeerSettings(door, preshared, all, Duration.ofSeconds(25)));
    paths.endpoint(peer, at);
    thread = EngineThread.start(engine, EngineClock.SYSTEM);
    listen();
    Thread.ofPlatform().daemon().name("phone out").start(this::out);
  }

  /// What runs on the telephone is behind it.
  MemoryPort port() {
    return pair.other();
  }

  /// Another network: packets come from elsewhere from now on.
  void roam() throws IOException {
    DatagramChannel before = socket;
    socket = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    before.close();
    listen();
  }

  private void send(ByteBuffer datagram, InetSocketAddress to) {
    try {
      socket.send(datagram, to);
    } catch (IOException e) {
      // As on any wire.
    }
  }

  private void listen() {
    DatagramChannel from = socket;
    Thread.ofPlatform().daemon().name("phone in").start(() -> in(from));
  }

  private void out() {
    PacketBatch batch = PacketBatch.usual();
    Outbound outbound = engine.outbound(identity, DeviceLab.MTU);
    try {
      while (true) {
        pair.one().receive(batch);
        for (int i = 0; i < batch.count(); i++) {
          long at = batch.memory().address() + batch.offset(i);
          outbound.send(at, batch.length(i), System.nanoTime());
        }
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private void in(DatagramChannel from) {
    MemorySegment memory = Arena.ofAuto().allocate(70_000, 16);
    ByteBuffer buffer = memory.asByteBuffer();
    Inbound inbound = engine.inbound();
    PacketBatch batch = new PacketBatch(1, 1);
    try {
      while (true) {
        InetSocketAddress sender = (InetSocketAddress) from.receive(buffer.clear());
        long now = System.nanoTime();
        Outcome outcome =
            inbound.open(memory.address(), buffer.position(), new UdpPath(sender), now);
        if (outcome == Outcome.DATA) {
          batch.clear();
          int at = batch.place(inbound.length());
          MemorySegment.copy(
              memory,
              ValueLayout.JAVA_BYTE,
              inbound.packet() - memory.address(),
              batch.memory(),
              ValueLayout.JAVA_BYTE,
              at,
              inbound.length());
          batch.add(at, inbound.length());
          pair.one().send(batch);
        }
        inbound.settle(now);
      }
    } catch (IOException closed) {
      // The end of the test, or another socket is used.
    }
  }

  @Override
  public void close() throws IOException {
    pair.one().close();
    thread.close();
    engine.close();
    socket.close();
  }
}
