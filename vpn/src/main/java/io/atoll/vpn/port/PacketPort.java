package io.atoll.vpn.port;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/// A place where packets come in and go out. One platform thread at a time receives, since it may
/// block in the system; any thread may send, one after the other.
public interface PacketPort extends AutoCloseable {
  Link link();

  /// The longest packet of IP; super-packets are longer, but what is cut from them is not.
  int mtu();

  /// Empties the batch and fills it with what is there, waiting for at least one entry.
  ///
  /// @return how many entries there are; 0 where all that came was dropped
  /// @throws ClosedChannelException once the port is closed, to whoever waits as well
  int receive(PacketBatch into) throws IOException;

  /// Sends what is in the batch: it does not wait for room that does not come. A super-packet that
  /// the other side does not take is split. The bytes of the batch are used up by it.
  ///
  /// @return how many entries were taken; the rest is dropped and counted
  /// @throws ClosedChannelException once the port is closed
  int send(PacketBatch from) throws IOException;

  @Override
  void close();
}
