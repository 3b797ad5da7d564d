package io.atoll.vpn.gateway;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A piece of a stream, kept by where its bytes are in the stream; the size is a power of two. It
/// has no memory until something is put into it. One thread may put while another gets, and one of
/// them make it larger.
final class ByteRing {
  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int capacity;

  ByteRing(int capacity) {
    this.capacity = Integer.highestOneBit(Math.max(1, capacity));
  }

  synchronized int capacity() {
    return capacity;
  }

  synchronized void put(long position, MemorySegment source, long offset, int length) {
    if (bytes.length == 0) {
      bytes = new byte[capacity];
    }
    int at = (int) position & (capacity - 1);
    int first = Math.min(length, capacity - at);
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, bytes, at, first);
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset + first, bytes, 0, length - first);
  }

  synchronized void put(long position, byte[] source, int offset, int length) {
    if (bytes.length == 0) {
      bytes = new byte[capacity];
    }
    int at = (int) position & (capacity - 1);
    int first = Math.min(length, capacity - at);
    System.arraycopy(source, offset, bytes, at, first);
    System.arraycopy(source, offset + first, bytes, 0, length - first);
  }

  synchronized void get(long position, MemorySegment target, long offset, int length) {
    int at = (int) position & (capacity - 1);
    int first = Math.min(length, capacity - at);
    MemorySegment.copy(bytes, at, target, ValueLayout.JAVA_BYTE, offset, first);
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset + first, length - first);
  }

  synchronized void get(long position, byte[] target, int offset, int length) {
    int at = (int) position & (capacity - 1);
    int first = Math.min(length, capacity - at);
    System.arraycopy(bytes, at, target, offset, first);
    System.arraycopy(bytes, 0, target, offset + first, length - first);
  }

  /// Twice the size.
  ///
  /// @param from what is kept begins here; all that may be there behind it is kept
  synchronized void grow(long from) {
    byte[] old = bytes;
    int before = capacity;
    capacity = 2 * before;
    if (old.length == 0) {
      return;
    }
    bytes = new byte[capacity];
    int at = (int) from & (before - 1);
    put(from, old, at, before - at);
    put(from + before - at, old, 0, at);
  }

  /// Gives its memory back.
  synchronized void free() {
    bytes = NOTHING;
  }
}
