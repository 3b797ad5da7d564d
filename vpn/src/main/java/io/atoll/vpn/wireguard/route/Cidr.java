package io.atoll.vpn.wireguard.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// All IP addresses that begin with the same bits. IPv4's are the highest 32 of 128.
///
/// @param high the first 64 bits; those behind the prefix are zero, here and in `low`
/// @param bits how long the prefix is
public record Cidr(boolean v6, long high, long low, int bits) {
  public Cidr {
    if (bits < 0 || bits > (v6 ? 128 : 32)) {
      throw new IllegalArgumentException("no IP prefix has " + bits + " bits");
    }
    high &= highMask(bits);
    low &= lowMask(bits);
  }

  /// Such as `10.7.0.0/24`, or an address alone, which is a prefix of all its bits.
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int all = address.getAddress().length * 8;
      return of(address, slash < 0 ? all : Integer.parseInt(text.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no IP prefix, such as 10.7.0.0/24 or fd00:7::/64", e);
    }
  }

  public static Cidr of(InetAddress address, int bits) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == 4
        ? new Cidr(false, (long) bytes.getInt() << 32, 0, bits)
        : new Cidr(true, bytes.getLong(), bytes.getLong(), bits);
  }

  public boolean contains(long high, long low) {
    return ((high ^ this.high) & highMask(bits)) == 0 && ((low ^ this.low) & lowMask(bits)) == 0;
  }

  /// How many leading bits the two have in common, at most as many as the shorter has.
  int common(Cidr other) {
    long different = high ^ other.high;
    int same =
        different != 0
            ? Long.numberOfLeadingZeros(different)
            : 64 + Long.numberOfLeadingZeros(low ^ other.low);
    return Math.min(same, Math.min(bits, other.bits));
  }

  /// The bit at a place, counted from the first.
  static boolean bit(long high, long low, int at) {
    return at < 64 ? high << at < 0 : low << (at - 64) < 0;
  }

  private static long highMask(int bits) {
    return bits == 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
  }

  private static long lowMask(int bits) {
    return bits <= 64 ? 0 : bits >= 128 ? -1 : -1L << (128 - bits);
  }

  @Override
  public String toString() {
    byte[] bytes =
        v6
            ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
            : ByteBuffer.allocate(4).putInt((int) (high >>> 32)).array();
    try {
      return InetAddress.getByAddress(bytes).getHostAddress() + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
