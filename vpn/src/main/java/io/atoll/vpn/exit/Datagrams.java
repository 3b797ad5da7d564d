package io.atoll.vpn.exit;

import io.atoll.core.error.AtollException;
import io.atoll.vpn.gateway.UdpFlow;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// One flow of datagrams from a member to a socket outside, which only hears whom it speaks to. It
/// lives as long as the flow, which ends by itself when nothing is in it.
final class Datagrams implements Ends.End {
  private static final int LONGEST = 65_535;

  private final UdpFlow inside;
  private final DatagramChannel outside;
  private final Runnable over;
  private final AtomicInteger running = new AtomicInteger(2);

  /// @param outside connected to where the flow leads
  /// @param over called once, when nothing of it is left
  Datagrams(UdpFlow inside, DatagramChannel outside, Runnable over) {
    this.inside = inside;
    this.outside = outside;
    this.over = over;
  }

  void start() {
    Thread.ofVirtual().name("exit out").start(() -> run(this::out));
    Thread.ofVirtual().name("exit in").start(() -> run(this::in));
  }

  @FunctionalInterface
  private interface Carrying {
    void run() throws IOException;
  }

  private void run(Carrying carrying) {
    try {
      carrying.run();
    } catch (IOException ended) {
      // The flow was idle, or somebody closed it.
    } finally {
      close();
      if (running.decrementAndGet() == 0) {
        over.run();
      }
    }
  }

  private void out() throws IOException {
    while (true) {
      byte[] datagram = inside.receive(Duration.ofDays(1));
      if (datagram != null) {
        try {
          outside.write(ByteBuffer.wrap(datagram));
        } catch (PortUnreachableException nobody) {
          // What was sent before found nobody; the next may.
        }
      }
    }
  }

  private void in() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST);
    while (true) {
      try {
        outside.read(buffer.clear());
      } catch (PortUnreachableException nobody) {
        continue;
      }
      byte[] datagram = new byte[buffer.flip().remaining()];
      buffer.get(datagram);
      try {
        inside.send(datagram);
      } catch (AtollException tooLong) {
        // It does not fit into the network's packets, and goes nowhere.
      }
    }
  }

  @Override
  public void close() {
    inside.close();
    try {
      outside.close();
    } catch (IOException e) {
      // Nothing more can be done about it.
    }
  }
}
