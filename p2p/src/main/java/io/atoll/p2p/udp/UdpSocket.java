package io.atoll.p2p.udp;

import io.atoll.core.os.Native;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bound UDP socket whose packets go to whom they are for. One platform thread reads; any thread
/// may send.
public final class UdpSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);
  private static final int SYSTEM_BUFFER = 4 << 20;
  private static final long PAUSE_MILLIS = 50;
  private static final long CLOSING_MILLIS = 1000;

  /// Takes packets of one kind, on the reading thread: it must not wait. The packet is the
  /// socket's again when this returns; what lies in [#memory] stays until the batch has ended.
  @FunctionalInterface
  public interface Receiver {
    void received(ByteBuffer packet, InetSocketAddress from);

    /// All packets that came together have been handed over: it may be long until the next.
    default void batchEnded() {}
  }

  private final UdpWire wire;
  private final AtomicReferenceArray<@Nullable Receiver> receivers =
      new AtomicReferenceArray<>(PacketKind.values().length);
  private final AtomicLong dropped = new AtomicLong();

  private final Thread reader;

  private UdpSocket(UdpWire wire) {
    this.wire = wire;
    this.reader =
        Thread.ofPlatform()
            .daemon()
            .name("udp-" + wire.address().getPort())
            .unstarted(this::readAll);
  }

  /// Binds, and reads from now on.
  public static UdpSocket bind(InetSocketAddress address) throws IOException {
    return bind(address, UdpAbilities.ALL);
  }

  /// @param most what is asked of the system: tests ask for less
  static UdpSocket bind(InetSocketAddress address, UdpAbilities most) throws IOException {
    UdpWire wire =
        most.nativeCalls() && Native.missing() == null
            ? NativeWire.bind(address, SYSTEM_BUFFER, most)
            : ChannelWire.bind(address, SYSTEM_BUFFER);
    UdpSocket socket = new UdpSocket(wire);
    socket.reader.start();
    return socket;
  }

  public InetSocketAddress address() {
    return wire.address();
  }

  /// From now on packets of this kind go there; before, they are dropped and counted.
  public void handle(PacketKind kind, Receiver receiver) {
    receivers.set(place(kind), receiver);
  }

  @SuppressWarnings("EnumOrdinal") // an index into an array of this class alone
  private static int place(PacketKind kind) {
    return kind.ordinal();
  }

  /// Sends one packet, or drops it where the system has no room for it.
  public void send(ByteBuffer packet, InetSocketAddress to) throws IOException {
    wire.send(packet, to);
  }

  /// Sends packets to one address that lie one behind the other in native memory, in as few calls
  /// as the system allows; those for which it has no room are dropped.
  ///
  /// @param size of each packet; the last may be shorter
  /// @return how many packets the system took
  public int send(MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException {
    return wire.send(memory, offset, length, size, to);
  }

  /// The native memory that packets lie in while they are handed over, each at the position of its
  /// buffer: for who passes them on to native calls.
  public MemorySegment memory() {
    return wire.memory();
  }

  /// What the system does for this socket at this time.
  public UdpAbilities abilities() {
    return wire.abilities();
  }

  /// How many packets were for nobody.
  public long dropped() {
    return dropped.get();
  }

  public boolean isOpen() {
    return wire.isOpen();
  }

  /// Closes; the port is free when this returns, but where a receiver itself closes it.
  @Override
  public void close() {
    wire.close();
    if (Thread.currentThread().equals(reader)) {
      return;
    }
    try {
      reader.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAll() {
    Sorter sorter = new Sorter();
    while (wire.isOpen()) {
      try {
        wire.receive(sorter);
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException | RuntimeException e) {
        // Such as a packet of ours that could not be delivered: that of others may be.
        log.debug("UDP port {}: {}", address().getPort(), e.toString());
        pause();
      }
    }
  }

  /// Hands each packet to whom it is for. A receiver that fails loses its packet, nobody else's.
  private final class Sorter implements UdpWire.Sink {
    private final boolean[] had = new boolean[receivers.length()];

    @Override
    public void received(ByteBuffer packet, InetSocketAddress from) {
      PacketKind kind = PacketKind.read(packet);
      Receiver receiver = kind == null ? null : receivers.get(place(kind));
      if (kind == null || receiver == null) {
        dropped.incrementAndGet();
        return;
      }
      had[place(kind)] = true;
      try {
        receiver.received(packet, from);
      } catch (RuntimeException e) {
        log.debug("UDP port {}: {} failed: {}", address().getPort(), kind, e.toString());
      }
    }

    @Override
    public void batchEnded() {
      for (int i = 0; i < had.length; i++) {
        Receiver receiver = receivers.get(i);
        if (had[i] && receiver != null) {
          had[i] = false;
          try {
            receiver.batchEnded();
          } catch (RuntimeException e) {
            log.debug("UDP port {}: the end of a batch: {}", address().getPort(), e.toString());
          }
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
