package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.atoll.core.multiformat.IpText;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// An address of IPv4 or IPv6, as a value. IPv4 lies in the lower half as IPv6 maps it
/// (`::ffff:a.b.c.d`, RFC 4291 §2.5.5.2), so that two longs tell any two addresses apart.
///
/// @param high the first eight bytes, 0 for IPv4
/// @param low the last eight bytes
public record IpAddress(long high, long low) implements Comparable<IpAddress> {
  private static final long MAPPED = 0xffff_0000_0000L;

  public static IpAddress v4(int bits) {
    return new IpAddress(0, MAPPED | (bits & 0xffff_ffffL));
  }

  /// From 4 or 16 bytes in network order.
  public static IpAddress of(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> v4((int) number(bytes, 0, 4));
      case 16 -> new IpAddress(number(bytes, 0, 8), number(bytes, 8, 8));
      default -> throw new IllegalArgumentException("an address of " + bytes.length + " bytes");
    };
  }

  public static IpAddress of(InetAddress address) {
    return of(address.getAddress());
  }

  private static long number(byte[] bytes, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = number << 8 | (bytes[i] & 0xff);
    }
    return number;
  }

  @JsonCreator
  public static IpAddress parse(String text) {
    return of(text.contains(":") ? IpText.parse6(text) : IpText.parse4(text));
  }

  public boolean isV4() {
    return high == 0 && low >>> 32 == MAPPED >>> 32;
  }

  /// How many bits an address of this family has.
  public int width() {
    return isV4() ? 32 : 128;
  }

  /// The 32 bits of an IPv4 address.
  public int v4Bits() {
    if (!isV4()) {
      throw new IllegalStateException(this + " is no IPv4 address");
    }
    return (int) low;
  }

  /// In network order: 4 bytes of IPv4, 16 of IPv6.
  public byte[] bytes() {
    byte[] bytes = new byte[width() / 8];
    for (int i = 0; i < bytes.length; i++) {
      int fromEnd = bytes.length - 1 - i;
      bytes[i] = (byte) (fromEnd < 8 ? low >>> (8 * fromEnd) : high >>> (8 * (fromEnd - 8)));
    }
    return bytes;
  }

  public InetAddress toInet() {
    try {
      return InetAddress.getByAddress(bytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are an address", e);
    }
  }

  /// The address so much higher, of the same family.
  ///
  /// @throws ArithmeticException if the family has none there
  public IpAddress plus(long steps) {
    if (isV4()) {
      long bits = (low & 0xffff_ffffL) + steps;
      if (bits < 0 || bits > 0xffff_ffffL) {
        throw new ArithmeticException(this + " plus " + steps + " is no address");
      }
      return v4((int) bits);
    }
    long sum = low + steps;
    long carry = steps >= 0 ? (Long.compareUnsigned(sum, low) < 0 ? 1 : 0) : 0;
    long borrow = steps < 0 ? (Long.compareUnsigned(sum, low) > 0 ? 1 : 0) : 0;
    return new IpAddress(high + carry - borrow, sum);
  }

  /// IPv4 224.0.0.0/4 (RFC 5771), IPv6 ff00::/8 (RFC 4291 §2.7).
  public boolean isMulticast() {
    return isV4() ? (low & 0xf000_0000L) == 0xe000_0000L : high >>> 56 == 0xff;
  }

  @Override
  public int compareTo(IpAddress other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @JsonValue
  @Override
  public String toString() {
    return isV4() ? IpText.print4(bytes()) : IpText.print6(bytes());
  }
}
