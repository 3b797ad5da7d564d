package io.atoll.vpn.node;

import java.lang.foreign.MemorySegment;

/// Takes datagrams to one node in one way. Called by any thread for each batch; it must not wait,
/// nor throw: what cannot be sent is dropped.
interface Way {
  /// @param at where they lie in that memory, which may be all there is
  /// @param length of all datagrams, one behind the other
  /// @param segment of each but the last, which may be shorter
  /// @return how many were taken
  int send(MemorySegment memory, long at, int length, int segment);
}
