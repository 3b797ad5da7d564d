package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.port.Checksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Reads the headers of one packet after the other. Any bytes are read without an error, and
/// nothing beyond their end.
final class PacketReader {
  static final int ICMP = 1;
  static final int TCP = 6;
  static final int UDP = 17;
  static final int ICMP6 = 58;
  static final int V4_BYTES = 20;
  static final int V6_BYTES = 40;
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MAPPED = 0xffff_0000_0000L;
  private static final int HOP_BY_HOP = 0;
  private static final int DESTINATION = 60;
  private static final int MOST_EXTENSIONS = 4;

  private MemorySegment memory = MemorySegment.NULL;
  private long offset;
  private boolean v4;
  private boolean piece;
  private int protocol;
  private int header;
  private int total;

  /// Reads a packet's headers.
  ///
  /// @param whole whether all of it must be there; of a packet that a message quotes it is not
  /// @return whether they hold: if not, nothing else here means anything
  boolean read(MemorySegment from, long at, int length, boolean whole) {
    memory = from;
    offset = at;
    if (length < V4_BYTES) {
      return false;
    }
    int version = from.get(BYTE, at) >> 4 & 0xf;
    v4 = version == 4;
    return v4 ? v4(length, whole) : version == 6 && length >= V6_BYTES && v6(length, whole);
  }

  private boolean v4(int length, boolean whole) {
    header = (memory.get(BYTE, offset) & 0xf) * 4;
    total = memory.get(SHORT, offset + 2) & 0xffff;
    piece = (memory.get(SHORT, offset + 6) & 0x3fff) != 0;
    protocol = memory.get(BYTE, offset + 9) & 0xff;
    if (header < V4_BYTES || header > total || header > length || (whole && total > length)) {
      return false;
    }
    total = Math.min(total, length);
    return !whole || Checksum.fold(Checksum.add(memory, offset, header, 0)) == 0xffff;
  }

  private boolean v6(int length, boolean whole) {
    total = V6_BYTES + (memory.get(SHORT, offset + 4) & 0xffff);
    if (whole && total > length) {
      return false;
    }
    total = Math.min(total, length);
    piece = false;
    protocol = memory.get(BYTE, offset + 6) & 0xff;
    header = V6_BYTES;
    for (int i = 0; protocol == HOP_BY_HOP || protocol == DESTINATION; i++) {
      if (i == MOST_EXTENSIONS || header + 8 > total) {
        return false;
      }
      protocol = memory.get(BYTE, offset + header) & 0xff;
      header += 8 * (1 + (memory.get(BYTE, offset + header + 1) & 0xff));
      if (header > total) {
        return false;
      }
    }
    return true;
  }

  /// Whether what is carried has the sum that it should have. UDP of IPv4 need not have one.
  boolean summed() {
    int length = carried();
    if (protocol == ICMP) {
      return Checksum.fold(Checksum.add(memory, at(), length, 0)) == 0xffff;
    }
    if (protocol == UDP && v4 && length >= 8 && memory.get(SHORT, at() + 6) == 0) {
      return true;
    }
    long pseudo = Checksum.pseudo(memory, addresses(), v4 ? 8 : 32, protocol, length);
    return Checksum.fold(Checksum.add(memory, at(), length, pseudo)) == 0xffff;
  }

  private long addresses() {
    return offset + (v4 ? 12 : 8);
  }

  boolean isV4() {
    return v4;
  }

  /// Whether it is one piece of a packet.
  boolean piece() {
    return piece;
  }

  int protocol() {
    return protocol;
  }

  /// Where what is carried begins.
  long at() {
    return offset + header;
  }

  /// How long it is.
  int carried() {
    return total - header;
  }

  /// How long the whole packet is.
  int total() {
    return total;
  }

  MemorySegment memory() {
    return memory;
  }

  IpAddress source() {
    return address(addresses());
  }

  IpAddress target() {
    return address(addresses() + (v4 ? 4 : 16));
  }

  private IpAddress address(long at) {
    return v4
        ? new IpAddress(0, MAPPED | (memory.get(INT, at) & 0xffffffffL))
        : new IpAddress(memory.get(LONG, at), memory.get(LONG, at + 8));
  }

  int number(int behind) {
    return memory.get(SHORT, at() + behind) & 0xffff;
  }
}
