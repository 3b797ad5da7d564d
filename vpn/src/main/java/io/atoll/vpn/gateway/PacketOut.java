package io.atoll.vpn.gateway;

import java.lang.foreign.MemorySegment;

/// Where the packets of a stack go; called by its thread alone. What cannot be sent is dropped.
public interface PacketOut {
  /// Takes a packet of IP whose sums are right; the memory is used again as soon as this returns.
  void send(MemorySegment memory, long offset, int length);

  /// All that was to be sent for now was given.
  default void flush() {}

  /// One that also takes TCP packets longer than the MTU, to be cut later.
  interface Cutting extends PacketOut {
    /// Takes such a packet; where the sum of TCP belongs lies that of the pseudo header.
    ///
    /// @param each how many bytes each packet will carry behind the headers
    void sendToCut(MemorySegment memory, long offset, int length, int each);
  }
}
