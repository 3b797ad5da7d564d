package io.atoll.vpn.port;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/// Packets in one piece of native memory. Whoever holds the batch may use it, one thread at a time;
/// it is made once and used again for ever.
///
/// A packet is put where [#place] says and then added; or anywhere else, by who keeps headroom and
/// tailroom himself.
public final class PacketBatch {
  /// The longest packet of IP, and so the longest super-packet.
  public static final int LONGEST = 65_535;

  /// Before each packet: for a header of Ethernet, of virtio, of WireGuard.
  public static final int HEADROOM = 128;

  /// Behind each packet: for padding and a tag.
  public static final int TAILROOM = 64;

  private static final int UNIT = HEADROOM + 65_536 + TAILROOM;
  private static final int ALIGNMENT = 64;

  private final MemorySegment memory;
  private final int[] offset;
  private final int[] length;
  private final Segmentation[] segmentation;
  private final int[] gsoSize;
  private final int[] checksumStart;
  private final int[] checksumAt;
  private final boolean[] verified;
  private int count;
  private int used;

  /// @param units how many of the longest packets fit; of short ones there fit more
  /// @param entries how many packets there may be
  public PacketBatch(int units, int entries) {
    if (units < 1 || entries < 1) {
      throw new IllegalArgumentException("a batch without room: " + units + ", " + entries);
    }
    this.memory = Arena.ofAuto().allocate((long) units * UNIT, ALIGNMENT);
    this.offset = new int[entries];
    this.length = new int[entries];
    this.segmentation = new Segmentation[entries];
    Arrays.fill(segmentation, Segmentation.NONE);
    this.gsoSize = new int[entries];
    this.checksumStart = new int[entries];
    this.checksumAt = new int[entries];
    this.verified = new boolean[entries];
  }

  /// A batch of the usual size: 4 units, 128 entries.
  public static PacketBatch usual() {
    return new PacketBatch(4, 128);
  }

  public MemorySegment memory() {
    return memory;
  }

  public void clear() {
    count = 0;
    used = 0;
  }

  public int count() {
    return count;
  }

  public boolean isFull() {
    return count == offset.length;
  }

  /// How many entries there may be.
  public int entries() {
    return offset.length;
  }

  /// Where the next packet may be put.
  ///
  /// @param most how long it is, at most
  /// @return -1 if there is no room for such a packet
  public int place(int most) {
    int at = used + HEADROOM + ALIGNMENT - 1 & -ALIGNMENT;
    return isFull() || at + most + TAILROOM > memory.byteSize() ? -1 : at;
  }

  /// Adds a packet that needs nothing.
  public void add(int at, int bytes) {
    add(at, bytes, Segmentation.NONE, 0, 0, 0);
  }

  /// Adds a packet whose sum is to be made.
  ///
  /// @param start what is summed, from the packet's beginning until its end
  /// @param sumAt where the sum belongs, from `start` on; there lies the sum of the pseudo header
  public void addUnsummed(int at, int bytes, int start, int sumAt) {
    add(at, bytes, Segmentation.NONE, 0, start, sumAt);
  }

  /// Adds a super-packet, or what [#add(int, int)] and [#addUnsummed] add.
  ///
  /// @param gso how much payload each of its packets has; the last may have less
  /// @param start see [#addUnsummed]; 0: no sum is to be made
  public void add(int at, int bytes, Segmentation what, int gso, int start, int sumAt) {
    if (isFull()) {
      throw new IllegalStateException("the batch holds " + count + " packets already");
    }
    Objects.checkFromIndexSize((long) at, bytes, memory.byteSize() - TAILROOM);
    if (at < HEADROOM) {
      throw new IllegalArgumentException("a packet at " + at + " has no headroom");
    }
    int i = count++;
    offset[i] = at;
    length[i] = bytes;
    segmentation[i] = what;
    gsoSize[i] = gso;
    checksumStart[i] = start;
    checksumAt[i] = sumAt;
    verified[i] = false;
    used = Math.max(used, at + bytes + TAILROOM);
  }

  /// The last packet's sums are right, as somebody has checked who may be believed.
  void lastVerified() {
    verified[count - 1] = true;
  }

  /// Where the packet begins; with a link that has a header, where that does.
  public int offset(int index) {
    return offset[Objects.checkIndex(index, count)];
  }

  public int length(int index) {
    return length[Objects.checkIndex(index, count)];
  }

  public Segmentation segmentation(int index) {
    return segmentation[Objects.checkIndex(index, count)];
  }

  public int gsoSize(int index) {
    return gsoSize[Objects.checkIndex(index, count)];
  }

  /// From the packet's beginning; 0 if no sum is to be made.
  public int checksumStart(int index) {
    return checksumStart[Objects.checkIndex(index, count)];
  }

  /// From the packet's beginning: where the sum belongs.
  public int checksumAt(int index) {
    return checksumStart(index) + checksumAt[index];
  }

  /// Whether the sums were found to be right.
  public boolean verified(int index) {
    return verified[Objects.checkIndex(index, count)];
  }
}
