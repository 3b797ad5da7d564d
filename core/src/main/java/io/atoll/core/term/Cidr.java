package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A block of addresses (RFC 4632), such as `10.7.0.0/24`. The bits behind the prefix are zero.
///
/// @param base its first address
/// @param bits the length of its prefix, 0 to 32 or 128
public record Cidr(IpAddress base, int bits) {
  public Cidr {
    if (bits < 0 || bits > base.width()) {
      throw new IllegalArgumentException(
          "a prefix of " + bits + " bits: expected 0 to " + base.width());
    }
    if (!masked(base, bits).equals(base)) {
      throw new IllegalArgumentException(
          base
              + "/"
              + bits
              + " has bits behind its prefix: did you mean "
              + around(base, bits)
              + "?");
    }
  }

  /// The block of that prefix length in which an address lies.
  public static Cidr around(IpAddress address, int bits) {
    return new Cidr(masked(address, bits), bits);
  }

  /// @throws IllegalArgumentException if that is no block, with what one looks like
  @JsonCreator
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("not a block of addresses, such as 10.7.0.0/24");
    }
    return new Cidr(
        IpAddress.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  private static IpAddress masked(IpAddress address, int bits) {
    int kept = bits + 128 - address.width();
    long high = kept >= 64 ? -1 : kept == 0 ? 0 : -1L << (64 - kept);
    long low = kept <= 64 ? 0 : kept == 128 ? -1 : -1L << (128 - kept);
    return new IpAddress(address.high() & high, address.low() & low);
  }

  public boolean isV4() {
    return base.isV4();
  }

  public boolean contains(IpAddress address) {
    return address.isV4() == isV4() && masked(address, bits).equals(base);
  }

  public boolean overlaps(Cidr other) {
    return bits <= other.bits ? contains(other.base) : other.contains(base);
  }

  /// How many addresses it has, at most 2^62.
  public long size() {
    return 1L << Math.min(62, base.width() - bits);
  }

  /// Its last address; IPv4 calls it the broadcast address.
  public IpAddress last() {
    int free = base.width() - bits;
    long low = free >= 64 ? -1 : (1L << free) - 1;
    long high = free <= 64 ? 0 : free == 128 ? -1 : (1L << (free - 64)) - 1;
    return new IpAddress(base.high() | high, base.low() | low);
  }

  @JsonValue
  @Override
  public String toString() {
    return base + "/" + bits;
  }
}
