package io.atoll.vpn.vswitch;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.RouteTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The addresses of a packet, asked for each without making objects.
final class Headers {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MAPPED = 0xffff_0000_0000L;

  private Headers() {}

  static boolean wholeHeader(MemorySegment memory, long at, int bytes) {
    int version = bytes < 1 ? 0 : (memory.get(JAVA_BYTE, at) & 0xf0) >> 4;
    return version == 4 ? bytes >= Packets.V4_BYTES : version == 6 && bytes >= Packets.V6_BYTES;
  }

  static boolean isFour(MemorySegment memory, long at) {
    return (memory.get(JAVA_BYTE, at) & 0xf0) == 0x40;
  }

  static boolean isFrom(Member member, MemorySegment memory, long at) {
    if (isFour(memory, at)) {
      return member.v4().low() == (MAPPED | (memory.get(INT, at + 12) & 0xffff_ffffL));
    }
    return member.v6().high() == memory.get(LONG, at + 8)
        && member.v6().low() == memory.get(LONG, at + 16);
  }

  static int source(RouteTable table, MemorySegment memory, long at) {
    return isFour(memory, at)
        ? table.find(0, MAPPED | (memory.get(INT, at + 12) & 0xffff_ffffL))
        : table.find(memory.get(LONG, at + 8), memory.get(LONG, at + 16));
  }

  static int find(RouteTable table, MemorySegment memory, long at) {
    return isFour(memory, at)
        ? table.find(0, MAPPED | (memory.get(INT, at + 16) & 0xffff_ffffL))
        : table.find(memory.get(LONG, at + 24), memory.get(LONG, at + 32));
  }

  /// Where a packet goes, by halves as [io.atoll.core.term.IpAddress] has them.
  static long aimHigh(MemorySegment memory, long at) {
    return isFour(memory, at) ? 0 : memory.get(LONG, at + 24);
  }

  static long aimLow(MemorySegment memory, long at) {
    return isFour(memory, at)
        ? MAPPED | (memory.get(INT, at + 16) & 0xffff_ffffL)
        : memory.get(LONG, at + 32);
  }

  static byte[] bytes(MemorySegment memory, long at, int count) {
    byte[] bytes = new byte[count];
    MemorySegment.copy(memory, JAVA_BYTE, at, bytes, 0, count);
    return bytes;
  }
}
