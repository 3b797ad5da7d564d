package io.atoll.vpn.gateway;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Packets on their way to the stack's thread, in two slabs: into one anybody puts copies, the
/// other the thread empties. What finds no room is dropped and counted.
final class Inbox {
  private static final int FIRST = 1 << 18;
  private static final int MOST_PACKETS = 8192;

  /// Packets one behind the other.
  static final class Slab {
    private MemorySegment memory = MemorySegment.NULL;
    private int[] offsets = new int[256];
    private boolean[] verified = new boolean[256];
    private int count;
    private int used;

    MemorySegment memory() {
      return memory;
    }

    int count() {
      return count;
    }

    int offset(int index) {
      return offsets[index];
    }

    int length(int index) {
      return (index + 1 < count ? offsets[index + 1] : used) - offsets[index];
    }

    /// Whether its sums need not be checked.
    boolean verified(int index) {
      return verified[index];
    }

    private boolean add(MemorySegment from, long at, int length, boolean checked, int most) {
      if (count == MOST_PACKETS || used + length > most) {
        return false;
      }
      if (used + length > memory.byteSize()) {
        long size = Math.min(most, Math.max(FIRST, Math.max(2 * memory.byteSize(), length)));
        MemorySegment larger = Arena.ofAuto().allocate(Math.max(size, used + length), 64);
        MemorySegment.copy(memory, 0, larger, 0, used);
        memory = larger;
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
        verified = Arrays.copyOf(verified, 2 * count);
      }
      MemorySegment.copy(from, at, memory, used, length);
      offsets[count] = used;
      verified[count++] = checked;
      used += length;
      return true;
    }
  }

  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private Slab filling = new Slab(); // under the lock, as is the count
  private Slab emptied = new Slab();
  private long dropped;

  /// @param most bytes of packets that may wait
  Inbox(int most) {
    this.most = most;
  }

  /// @param patience for how long to wait for room, in nanoseconds
  /// @return whether there was room
  boolean add(MemorySegment from, long at, int length, boolean verified, long patience) {
    lock.lock();
    try {
      long left = patience;
      while (!filling.add(from, at, length, verified, most)) {
        if (left <= 0) {
          dropped++;
          return false;
        }
        left = room.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      dropped++;
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// All that has come; it is the thread's until it takes the next.
  Slab take() {
    lock.lock();
    try {
      Slab full = filling;
      emptied.count = 0;
      emptied.used = 0;
      filling = emptied;
      emptied = full;
      room.signalAll();
      return full;
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return filling.count == 0;
    } finally {
      lock.unlock();
    }
  }

  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
