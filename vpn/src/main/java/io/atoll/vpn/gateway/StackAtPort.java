package io.atoll.vpn.gateway;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.vpn.gateway.tcp.TcpCodec;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import io.atoll.vpn.port.Splitter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stack that sends to a packet port and receives from it, on a thread of its own. Long packets
/// of TCP go through whole, in both directions.
public final class StackAtPort implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StackAtPort.class);
  private static final long PATIENCE = 100_000_000;

  private final PacketPort port;
  private final Stack stack;

  private StackAtPort(PacketPort port, Stack stack) {
    this.port = port;
    this.stack = stack;
  }

  /// @param port of IP without a header of the link; it is closed with this
  public static StackAtPort start(StackSettings settings, PacketPort port) {
    if (port.link() != Link.IP) {
      throw new IllegalArgumentException("a stack speaks IP and not " + port.link());
    }
    StackAtPort made = new StackAtPort(port, Stack.start(settings, new Sending(port)));
    Thread.ofPlatform().daemon().name("stack's port").start(made::receive);
    return made;
  }

  public Stack stack() {
    return stack;
  }

  private void receive() {
    PacketBatch batch = PacketBatch.usual();
    Splitter splitter = new Splitter(Link.IP);
    try {
      while (true) {
        int count = port.receive(batch);
        for (int i = 0; i < count; i++) {
          received(batch, i, splitter);
        }
      }
    } catch (ClosedChannelException e) {
      log.debug("the port of a stack is closed");
    } catch (IOException e) {
      log.error("a stack receives nothing any more: its port failed", e);
    }
  }

  private void received(PacketBatch batch, int i, Splitter splitter) {
    switch (batch.segmentation(i)) {
      case NONE, TCP4, TCP6 -> {
        // What is still to be summed comes from this machine, and never was on a wire.
        boolean verified = batch.verified(i) || batch.checksumStart(i) != 0;
        stack.received(batch.memory(), batch.offset(i), batch.length(i), verified, PATIENCE);
      }
      case UDP4, UDP6 -> {
        if (splitter.begin(batch, i)) {
          while (splitter.next()) {
            stack.received(splitter.memory(), splitter.offset(), splitter.length(), true, PATIENCE);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    stack.close();
    port.close();
  }

  /// Gathers packets in a batch, which goes when it is full or there is no more.
  private static final class Sending implements PacketOut.Cutting {
    private final PacketPort port;
    private final PacketBatch batch = PacketBatch.usual();

    Sending(PacketPort port) {
      this.port = port;
    }

    @Override
    public void send(MemorySegment memory, long offset, int length) {
      batch.add(put(memory, offset, length), length);
    }

    @Override
    public void sendToCut(MemorySegment memory, long offset, int length, int each) {
      int at = put(memory, offset, length);
      boolean four = (memory.get(JAVA_BYTE, offset) & 0xf0) == 0x40;
      Segmentation what = four ? Segmentation.TCP4 : Segmentation.TCP6;
      int header = four ? PacketReader.V4_BYTES : PacketReader.V6_BYTES;
      batch.add(at, length, what, each, header, TcpCodec.SUM_AT);
    }

    private int put(MemorySegment memory, long offset, int length) {
      int at = batch.place(length);
      if (at < 0) {
        flush();
        at = batch.place(length);
      }
      MemorySegment.copy(memory, offset, batch.memory(), at, length);
      return at;
    }

    @Override
    public void flush() {
      if (batch.count() == 0) {
        return;
      }
      try {
        port.send(batch);
      } catch (IOException e) {
        log.debug("packets of a stack are lost: its port is closed or fails", e);
      }
      batch.clear();
    }
  }
}
