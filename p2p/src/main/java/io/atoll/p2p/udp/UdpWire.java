package io.atoll.p2p.udp;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/// How packets get out of the process and into it.
interface UdpWire extends AutoCloseable {
  /// Takes a packet, on the reading thread; it is the wire's again when this returns.
  interface Sink {
    void received(ByteBuffer packet, InetSocketAddress from);

    /// What came together is over.
    void batchEnded();
  }

  InetSocketAddress address();

  /// Waits for packets and hands over those that came together.
  ///
  /// @throws ClosedChannelException once it is closed
  void receive(Sink sink) throws IOException;

  /// Where received packets lie, each at the position of its buffer.
  MemorySegment memory();

  /// Sends one packet, or drops it where the system has no room for it.
  void send(ByteBuffer packet, InetSocketAddress to) throws IOException;

  /// Sends packets that lie one behind the other.
  ///
  /// @param size of each; the last may be shorter
  /// @return how many the system took
  int send(MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException;

  UdpAbilities abilities();

  boolean isOpen();

  @Override
  void close();
}
