package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What stands before each packet of a TUN device and says what is left to be done (`struct
/// virtio_net_hdr`; numbers are little-endian, as on every machine that this runs on):
///
/// ```
///  0 flags   1 kind of segments   2 length of headers   4 size of segments
///  6 where the sum begins         8 where the sum belongs, from there on
/// ```
final class VirtioHeader {
  static final int BYTES = 10;
  private static final int NEEDS_CHECKSUM = 1;
  private static final int DATA_VALID = 2;

  private VirtioHeader() {}

  /// Adds the packet behind a header to a batch.
  ///
  /// @param at where the packet begins
  /// @return false if the header claims what cannot be
  static boolean read(PacketBatch batch, int at, int length) {
    MemorySegment memory = batch.memory();
    if (length < 1) {
      return false;
    }
    int header = at - BYTES;
    int flags = memory.get(JAVA_BYTE, header);
    int version = (memory.get(JAVA_BYTE, at) & 0xf0) >> 4;
    @Nullable Segmentation what =
        Segmentation.read(memory.get(JAVA_BYTE, header + 1L) & 0xff, version);
    int gso = Checksum.stored(memory, header + 4L);
    int start = Checksum.stored(memory, header + 6L);
    int sumAt = Checksum.stored(memory, header + 8L);
    boolean unsummed = (flags & NEEDS_CHECKSUM) != 0;
    if (what == null
        || (what != Segmentation.NONE && (gso == 0 || !unsummed))
        || (unsummed && (start == 0 || start + sumAt + 2 > length))) {
      return false;
    }
    if (unsummed) {
      batch.add(at, length, what, what == Segmentation.NONE ? 0 : gso, start, sumAt);
    } else {
      batch.add(at, length);
      if ((flags & DATA_VALID) != 0) {
        batch.lastVerified();
      }
    }
    return true;
  }

  /// Writes the header of an entry before it.
  ///
  /// @param headers how long the packet's headers are, up to the payload; 0 where it is one packet
  static void write(PacketBatch batch, int index, int headers) {
    MemorySegment memory = batch.memory();
    int header = batch.offset(index) - BYTES;
    int start = batch.checksumStart(index);
    int flags = start != 0 ? NEEDS_CHECKSUM : batch.verified(index) ? DATA_VALID : 0;
    memory.set(JAVA_BYTE, header, (byte) flags);
    memory.set(JAVA_BYTE, header + 1L, (byte) batch.segmentation(index).wire());
    Checksum.store(memory, header + 2L, headers);
    Checksum.store(memory, header + 4L, batch.gsoSize(index));
    Checksum.store(memory, header + 6L, start);
    Checksum.store(memory, header + 8L, start == 0 ? 0 : batch.checksumAt(index) - start);
  }

  /// Writes the header of a packet that is ready.
  static void writePlain(MemorySegment memory, int at) {
    for (int i = 1; i <= BYTES; i++) {
      memory.set(JAVA_BYTE, at - (long) i, (byte) 0);
    }
  }
}
