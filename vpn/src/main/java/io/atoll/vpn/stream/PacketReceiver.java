package io.atoll.vpn.stream;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Takes the packets of one stream, on the thread that reads it.
public interface PacketReceiver {
  /// @param memory native, whose start the packet is; it may be changed, and is the stream's again
  ///     when this returns
  void received(MemorySegment memory, ByteBuffer packet);

  /// It may be long until the next.
  default void batchEnded() {}
}
