package io.atoll.vpn.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// There is no way yet, or but a guess. What is not taken, and each handshake, waits for one that
/// works: to try a handshake again takes seconds, and twice it does no harm.
final class HoldingWay implements Way {
  private static final int MOST = 4;
  private static final int LONGEST = 2048;

  /// The type of a packet of data (WireGuard §5.4.6); those before it are handshakes.
  private static final int DATA = 4;

  private final Way guess;

  // Under the lock of this object.
  private @Nullable ArrayDeque<byte[]> held;
  private boolean over;

  /// @param guess where it is sent all the same
  HoldingWay(Way guess) {
    this.guess = guess;
  }

  @Override
  public int send(MemorySegment memory, long from, int length, int segment) {
    int taken = guess.send(memory, from, length, segment);
    int held = hold(memory, from, length, segment, taken == 0);
    return taken == 0 ? held : taken;
  }

  /// @return how many more wait now
  private synchronized int hold(
      MemorySegment memory, long from, int length, int segment, boolean all) {
    int kept = 0;
    for (int at = 0; at < length && !over; at += segment) {
      int size = Math.min(segment, length - at);
      boolean wanted = all || memory.get(JAVA_BYTE, from + at) != DATA;
      if (wanted && size <= LONGEST) {
        byte[] copy = new byte[size];
        MemorySegment.copy(memory, JAVA_BYTE, from + at, copy, 0, size);
        kept += keep(copy);
      }
    }
    return kept;
  }

  /// @return how many more wait now: none if another went for it
  private int keep(byte[] datagram) {
    ArrayDeque<byte[]> all = held == null ? new ArrayDeque<>(MOST) : held;
    held = all;
    boolean full = all.size() == MOST;
    if (full) {
      all.poll();
    }
    all.add(datagram);
    return full ? 0 : 1;
  }

  /// What waits goes that way; nothing waits here from now on.
  void leave(Way way) {
    ArrayDeque<byte[]> waited;
    synchronized (this) {
      over = true;
      waited = held;
      held = null;
    }
    if (waited == null) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      for (byte[] datagram : waited) {
        MemorySegment copy = arena.allocateFrom(JAVA_BYTE, datagram);
        way.send(copy, 0, datagram.length, datagram.length);
      }
    }
  }
}
