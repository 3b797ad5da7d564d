package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What sockets send and receive: for each message where its bytes are, whom it goes to or comes
/// from, and what is said beside. Laid out as the system wants it (`struct mmsghdr` with one
/// `iovec`), so that many go in one call:
///
/// ```
///  0 name   8 its length   16 iovec   24 one   32 control   40 its length   48 flags   56 bytes
/// ```
public final class Messages {
  static final int DONTWAIT = 0x40;
  static final int CLOSE_ON_EXEC = 0x40000000;
  private static final int TRUNCATED = 0x20;
  private static final int CONTROL_TRUNCATED = 0x8;
  private static final int HEADER = 64;
  private static final int VECTOR = 16;
  private static final int CONTROL = 64;
  private static final int CONTROL_HEADER = 16;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;
  private static final int UDP_GRO = 104;

  private final int count;
  private final int nameRoom;
  private final MemorySegment headers;
  private final MemorySegment vectors;
  private final MemorySegment names;
  private final MemorySegment controls;

  /// Whose bytes the vectors point to: it must not go away before them, for which nobody reads it.
  @SuppressWarnings("unused")
  private final @Nullable MemorySegment[] memory;

  /// @param nameRoom what an address takes at most: [SocketName#ROOM] for UDP
  public Messages(int count, int nameRoom) {
    Arena arena = Arena.ofAuto();
    this.count = count;
    this.nameRoom = nameRoom + 7 & ~7;
    this.headers = arena.allocate((long) count * HEADER, 8);
    this.vectors = arena.allocate((long) count * VECTOR, 8);
    this.names = arena.allocate(Math.max(8, (long) count * this.nameRoom), 8);
    this.controls = arena.allocate((long) count * CONTROL, 8);
    this.memory = new MemorySegment[count];
    for (int i = 0; i < count; i++) {
      headers.set(JAVA_LONG, at(i) + 16, vectors.address() + (long) i * VECTOR);
      headers.set(JAVA_LONG, at(i) + 24, 1);
      headers.set(JAVA_LONG, at(i), names.address() + nameAt(i));
    }
  }

  public int count() {
    return count;
  }

  /// Where a message's bytes are, or shall be put.
  public void data(int index, MemorySegment bytes, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, bytes.byteSize());
    if (!bytes.isNative()) {
      throw new IllegalArgumentException("the system reads and writes native memory only");
    }
    memory[index] = bytes;
    vectors.set(JAVA_LONG, (long) index * VECTOR, bytes.address() + offset);
    vectors.set(JAVA_LONG, (long) index * VECTOR + 8, length);
  }

  /// The addresses, of which a message's begins at [#nameAt].
  public MemorySegment names() {
    return names;
  }

  public long nameAt(int index) {
    return (long) index * nameRoom;
  }

  /// How much of an address is there; without any the message goes to whom the socket is connected.
  public void nameLength(int index, int length) {
    Objects.checkFromToIndex(0, length, nameRoom);
    headers.set(JAVA_LONG, at(index), length == 0 ? 0 : names.address() + nameAt(index));
    headers.set(JAVA_INT, at(index) + 8, length);
  }

  public int nameLength(int index) {
    return headers.get(JAVA_INT, at(index) + 8);
  }

  /// The system shall cut the message into datagrams of this size (`UDP_SEGMENT`); 0: it shall not.
  public void segment(int index, int size) {
    if (size == 0) {
      headers.set(JAVA_LONG, at(index) + 32, 0);
      headers.set(JAVA_LONG, at(index) + 40, 0);
      return;
    }
    long control = (long) index * CONTROL;
    controls.set(JAVA_LONG, control, CONTROL_HEADER + 2);
    controls.set(JAVA_INT, control + 8, SOL_UDP);
    controls.set(JAVA_INT, control + 12, UDP_SEGMENT);
    controls.set(JAVA_SHORT, control + 16, (short) size);
    headers.set(JAVA_LONG, at(index) + 32, controls.address() + control);
    headers.set(JAVA_LONG, at(index) + 40, CONTROL_HEADER + 8);
  }

  /// Makes a message ready to be received into: all of its address and of what is said beside.
  public void expect(int index) {
    nameLength(index, nameRoom);
    headers.set(JAVA_LONG, at(index) + 32, controls.address() + (long) index * CONTROL);
    headers.set(JAVA_LONG, at(index) + 40, CONTROL);
    headers.set(JAVA_INT, at(index) + 48, 0);
  }

  /// How many bytes came.
  public int length(int index) {
    return headers.get(JAVA_INT, at(index) + 56);
  }

  void length(int index, int length) {
    headers.set(JAVA_INT, at(index) + 56, length);
  }

  /// Whether there was more than what it was given room for.
  public boolean truncated(int index) {
    return (headers.get(JAVA_INT, at(index) + 48) & TRUNCATED) != 0;
  }

  /// The size of the datagrams that the system has put together (`UDP_GRO`); 0: it is one.
  public int joined(int index) {
    long control = (long) index * CONTROL;
    if (headers.get(JAVA_LONG, at(index) + 40) < CONTROL_HEADER + 4
        || controls.get(JAVA_INT, control + 8) != SOL_UDP
        || controls.get(JAVA_INT, control + 12) != UDP_GRO) {
      return 0;
    }
    return Math.max(0, controls.get(JAVA_INT, control + 16));
  }

  /// The descriptors that came with a message, which are the caller's to close from now on.
  public int[] descriptors(int index) {
    long control = (long) index * CONTROL;
    boolean any =
        headers.get(JAVA_LONG, at(index) + 40) > CONTROL_HEADER
            && controls.get(JAVA_INT, control + 8) == SOL_SOCKET
            && controls.get(JAVA_INT, control + 12) == SCM_RIGHTS;
    long bytes = any ? controls.get(JAVA_LONG, control) - CONTROL_HEADER : 0;
    int[] numbers = new int[Math.clamp(bytes / 4, 0, (CONTROL - CONTROL_HEADER) / 4)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = controls.get(JAVA_INT, control + CONTROL_HEADER + 4L * i);
    }
    return numbers;
  }

  /// Whether descriptors were lost because there were more than fit.
  public boolean descriptorsLost(int index) {
    return (headers.get(JAVA_INT, at(index) + 48) & CONTROL_TRUNCATED) != 0;
  }

  long address(int from, int some) {
    Objects.checkFromIndexSize(from, some, count);
    return headers.address() + at(from);
  }

  private static long at(int index) {
    return (long) index * HEADER;
  }
}
