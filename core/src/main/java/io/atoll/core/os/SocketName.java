package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Addresses of IP sockets as the system writes them (`sockaddr_in`, `sockaddr_in6`).
public final class SocketName {
  public static final int ROOM = 32;
  private static final int V4 = 2;
  private static final int V6 = 10;
  private static final int V4_LENGTH = 16;
  private static final int V6_LENGTH = 28;
  private static final ValueLayout.OfShort PORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private SocketName() {}

  /// @param six whether the socket is one of IPv6, to which IPv4 is mapped
  /// @return its length, or -1 if such a socket cannot reach such an address
  public static int write(MemorySegment into, long offset, InetSocketAddress address, boolean six) {
    InetAddress host = address.getAddress();
    if (host == null || (!six && !(host instanceof Inet4Address))) {
      return -1;
    }
    byte[] bytes = host.getAddress();
    into.set(PORT, offset + 2, (short) address.getPort());
    if (!six) {
      into.set(JAVA_SHORT, offset, (short) V4);
      MemorySegment.copy(bytes, 0, into, JAVA_BYTE, offset + 4, 4);
      into.set(JAVA_LONG, offset + 8, 0);
      return V4_LENGTH;
    }
    into.set(JAVA_SHORT, offset, (short) V6);
    into.set(JAVA_INT, offset + 4, 0);
    into.set(JAVA_LONG, offset + 8, 0);
    into.set(JAVA_LONG, offset + 16, 0);
    if (bytes.length == 4) {
      into.set(JAVA_SHORT, offset + 18, (short) -1);
    }
    MemorySegment.copy(bytes, 0, into, JAVA_BYTE, offset + 24 - bytes.length, bytes.length);
    into.set(JAVA_INT, offset + 24, host instanceof Inet6Address v6 ? v6.getScopeId() : 0);
    return V6_LENGTH;
  }

  /// @return null if it is no address of IP
  public static @Nullable InetSocketAddress read(MemorySegment from, long offset, int length) {
    if (length < 2) {
      return null;
    }
    int family = from.get(JAVA_SHORT, offset);
    try {
      if (family == V4 && length >= V4_LENGTH) {
        return new InetSocketAddress(
            InetAddress.getByAddress(bytes(from, offset + 4, 4)), port(from, offset));
      }
      if (family == V6 && length >= V6_LENGTH) {
        byte[] bytes = bytes(from, offset + 8, 16);
        int scope = from.get(JAVA_INT, offset + 24);
        InetAddress host =
            scope == 0
                ? InetAddress.getByAddress(bytes)
                : Inet6Address.getByAddress(null, bytes, scope);
        return new InetSocketAddress(host, port(from, offset));
      }
      return null;
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static int port(MemorySegment from, long offset) {
    return Short.toUnsignedInt(from.get(PORT, offset + 2));
  }

  private static byte[] bytes(MemorySegment from, long offset, int length) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(from, JAVA_BYTE, offset, bytes, 0, length);
    return bytes;
  }
}
