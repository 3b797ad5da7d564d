package io.atoll.vpn.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// An address of IPv4 or IPv6 as it is looked up for each packet; IPv4 as IPv6 maps it.
record Address(long high, long low) {
  private static final long MAPPED = 0xffffL;

  static Address of(InetAddress address) {
    byte[] bytes = address.getAddress();
    ByteBuffer from = ByteBuffer.wrap(bytes);
    return bytes.length == 4
        ? new Address(0, MAPPED << 32 | (from.getInt() & 0xffffffffL))
        : new Address(from.getLong(), from.getLong());
  }

  boolean isV4() {
    return high == 0 && low >>> 32 == MAPPED;
  }

  boolean isMulticast() {
    return isV4() ? (low & 0xf000_0000L) == 0xe000_0000L : high >>> 56 == 0xff;
  }

  InetAddress toInet() {
    byte[] bytes =
        isV4()
            ? ByteBuffer.allocate(4).putInt((int) low).array()
            : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    return toInet().getHostAddress();
  }
}
