package io.atoll.vpn.gateway;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// A way for packets that loses some, doubles some, and lets some overtake others. One thread.
final class Faults {
  /// Where a packet goes on to.
  interface Next {
    void send(MemorySegment memory, long offset, int length);
  }

  private final Random random;
  private final int lost;
  private final int late;
  private final Next next;
  private final MemorySegment held = Arena.ofAuto().allocate(1 << 16, 8);
  private int heldLength;
  private int heldFor;

  /// @param lost of a thousand packets
  /// @param late of a thousand; up to eight others overtake it
  Faults(Random random, int lost, int late, Next next) {
    this.random = random;
    this.lost = lost;
    this.late = late;
    this.next = next;
  }

  void send(MemorySegment memory, long offset, int length) {
    if (heldLength > 0 && --heldFor <= 0) {
      next.send(held, 0, heldLength);
      heldLength = 0;
    }
    if (random.nextInt(1000) < lost) {
      return;
    }
    if (heldLength == 0 && random.nextInt(1000) < late) {
      MemorySegment.copy(memory, offset, held, 0, length);
      heldLength = length;
      heldFor = 1 + random.nextInt(8);
      return;
    }
    next.send(memory, offset, length);
    if (random.nextInt(1000) < lost / 2) {
      next.send(memory, offset, length);
    }
  }
}
