package io.atoll.vpn.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// There is no way yet: the last few datagrams wait for one, so that a handshake need not be tried
/// again, which takes seconds.
final class HoldingWay implements Way {
  private static final int MOST = 4;
  private static final int LONGEST = 2048;

  private final ArrayDeque<byte[]> held = new ArrayDeque<>();
  private boolean over;

  @Override
  public synchronized int send(MemorySegment memory, long from, int length, int segment) {
    int count = (length + segment - 1) / segment;
    int lost = 0;
    for (int at = 0; at < length; at += segment) {
      int size = Math.min(segment, length - at);
      if (over || size > LONGEST) {
        lost++;
        continue;
      }
      if (held.size() == MOST) {
        held.poll();
        lost++;
      }
      byte[] copy = new byte[size];
      MemorySegment.copy(memory, JAVA_BYTE, from + at, copy, 0, size);
      held.add(copy);
    }
    return count - lost;
  }

  /// What waits goes that way; nothing waits here from now on.
  ///
  /// @return how many were lost
  synchronized int leave(Way way) {
    over = true;
    int lost = 0;
    try (Arena arena = Arena.ofConfined()) {
      for (byte[] datagram : held) {
        MemorySegment copy = arena.allocateFrom(JAVA_BYTE, datagram);
        lost += 1 - way.send(copy, 0, datagram.length, datagram.length);
      }
    }
    held.clear();
    return lost;
  }
}
