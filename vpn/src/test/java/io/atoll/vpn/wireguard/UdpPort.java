package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Memory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicLong;

/// A socket for an engine, with nothing behind it but an answer to UDP and an ear for echoes.
final class UdpPort implements AutoCloseable {
  private final Engine engine;
  private final DatagramChannel channel;
  private final int number;
  private final Outbound outbound;
  private final AtomicLong replies = new AtomicLong();
  private final ByteBuffer out = ByteBuffer.allocateDirect(4096);

  UdpPort(Engine engine, LocalIdentity identity, int number) throws IOException {
    this.engine = engine;
    this.number = number;
    this.outbound = engine.outbound(identity, 1420);
    this.channel = DatagramChannel.open().bind(new InetSocketAddress(number));
    Thread.ofPlatform().daemon().name("udp-" + number).start(this::readAll);
  }

  int number() {
    return number;
  }

  long replies() {
    return replies.get();
  }

  void send(ByteBuffer datagram, InetSocketAddress to) {
    try {
      channel.send(datagram, to);
    } catch (IOException e) {
      System.out.println("sending to " + to + ": " + e);
    }
  }

  synchronized void send(byte[] packet) {
    long at = MemorySegment.ofBuffer(out).address() + Outbound.HEADROOM;
    Memory.copy(packet, at, packet.length);
    outbound.send(at, packet.length, System.nanoTime());
  }

  private void readAll() {
    ByteBuffer in = ByteBuffer.allocateDirect(70_000);
    long address = MemorySegment.ofBuffer(in).address();
    Inbound inbound = engine.inbound();
    while (true) {
      try {
        in.clear();
        var from = (InetSocketAddress) channel.receive(in);
        long now = System.nanoTime();
        Outcome outcome = inbound.open(address, in.position(), new UdpPath(from), now);
        if (outcome == Outcome.DATA) {
          byte[] packet = new byte[inbound.length()];
          Memory.copy(inbound.packet(), packet, packet.length);
          received(packet);
        }
        inbound.settle(now);
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException e) {
        System.out.println("receiving: " + e);
      }
    }
  }

  private void received(byte[] packet) {
    if (InnerPackets.reply(packet) >= 0) {
      replies.incrementAndGet();
    } else if (InnerPackets.isUdp4(packet)) {
      send(InnerPackets.returned(packet));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
