package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The headers of one packet of IPv4 or IPv6, up to what IP carries. Made once and read into again
/// and again by one thread. Any bytes are read without an error, and nothing beyond their end.
public final class IpHeader {
  static final int TCP = 6;
  static final int UDP = 17;
  static final int V4_BYTES = 20;
  static final int V6_BYTES = 40;
  static final ValueLayout.OfShort NETWORK_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
  private static final int DONT_FRAGMENT = 0x4000;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION = 60;

  /// More than these no packet needs, and to follow a thousand costs.
  private static final int MOST_EXTENSIONS = 8;

  private int version;
  private int headerBytes;
  private int protocol;
  private int totalBytes;
  private boolean fragment;
  private boolean dontFragment;

  /// Reads the headers of a packet.
  ///
  /// @param length how many bytes are there
  /// @return whether they hold: if not, nothing else here means anything
  public boolean read(MemorySegment memory, long offset, int length) {
    if (length < V4_BYTES) {
      return false;
    }
    version = (memory.get(JAVA_BYTE, offset) & 0xf0) >> 4;
    return switch (version) {
      case 4 -> readV4(memory, offset, length);
      case 6 -> length >= V6_BYTES && readV6(memory, offset, length);
      default -> false;
    };
  }

  private boolean readV4(MemorySegment memory, long offset, int length) {
    headerBytes = (memory.get(JAVA_BYTE, offset) & 0xf) * 4;
    totalBytes = number(memory, offset + 2);
    int flags = number(memory, offset + 6);
    fragment = (flags & MORE_FRAGMENTS_OR_OFFSET) != 0;
    dontFragment = (flags & DONT_FRAGMENT) != 0;
    protocol = memory.get(JAVA_BYTE, offset + 9) & 0xff;
    return headerBytes >= V4_BYTES && headerBytes <= totalBytes && totalBytes <= length;
  }

  private boolean readV6(MemorySegment memory, long offset, int length) {
    totalBytes = V6_BYTES + number(memory, offset + 4);
    if (totalBytes > length) {
      return false;
    }
    fragment = false;
    dontFragment = true;
    protocol = memory.get(JAVA_BYTE, offset + 6) & 0xff;
    headerBytes = V6_BYTES;
    for (int i = 0; i <= MOST_EXTENSIONS; i++) {
      boolean extension =
          switch (protocol) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION -> true;
            default -> false;
          };
      if (!extension || fragment) {
        return true;
      }
      if (headerBytes + 8 > totalBytes) {
        return false;
      }
      long at = offset + headerBytes;
      int units = memory.get(JAVA_BYTE, at + 1) & 0xff;
      int bytes =
          switch (protocol) {
            case FRAGMENT -> 8;
            case AUTHENTICATION -> (units + 2) * 4;
            default -> (units + 1) * 8;
          };
      // All but the reserved bits: where it is not the first piece, what follows is no header.
      fragment = protocol == FRAGMENT && (number(memory, at + 2) & 0xfff9) != 0;
      protocol = memory.get(JAVA_BYTE, at) & 0xff;
      headerBytes += bytes;
      if (headerBytes > totalBytes) {
        return false;
      }
    }
    return false;
  }

  /// 4 or 6.
  public int version() {
    return version;
  }

  /// All headers of IP, with options and extensions: what is carried begins there.
  public int headerBytes() {
    return headerBytes;
  }

  /// What is carried: 6 is TCP, 17 is UDP. Of a fragment only the first piece begins with its
  /// header.
  public int protocol() {
    return protocol;
  }

  /// The whole packet; what lies behind it is padding.
  public int totalBytes() {
    return totalBytes;
  }

  /// Whether it is a piece of a packet.
  public boolean fragment() {
    return fragment;
  }

  /// Whether it may not be cut into pieces on its way.
  public boolean dontFragment() {
    return dontFragment;
  }

  /// Where the addresses begin, from the packet's beginning.
  int addresses() {
    return version == 4 ? 12 : 8;
  }

  /// How long source and destination are together.
  int addressBytes() {
    return version == 4 ? 8 : 32;
  }

  /// All headers with that of TCP or UDP, of a packet that was read.
  ///
  /// @return -1 if it is neither, or its header does not hold
  int withTransport(MemorySegment memory, long offset) {
    int room = totalBytes - headerBytes;
    if (fragment || (protocol == TCP ? room < TCP_BYTES : protocol != UDP || room < UDP_BYTES)) {
      return -1;
    }
    if (protocol == UDP) {
      return headerBytes + UDP_BYTES;
    }
    int bytes = ((memory.get(JAVA_BYTE, offset + headerBytes + 12) & 0xf0) >> 4) * 4;
    return bytes < TCP_BYTES || bytes > room ? -1 : headerBytes + bytes;
  }

  static int number(MemorySegment memory, long offset) {
    return Short.toUnsignedInt(memory.get(NETWORK_SHORT, offset));
  }
}
