package io.atoll.vpn.wireguard.route;

import io.atoll.core.term.Cidr;

/// A block of addresses as the trie compares them: from the first bit on, IPv4 in the highest 32.
///
/// @param high the first 64 bits; those behind the prefix are zero, here and in `low`
/// @param bits how long the prefix is
record Prefix(boolean v6, long high, long low, int bits) {
  Prefix {
    high &= highMask(bits);
    low &= lowMask(bits);
  }

  static Prefix of(Cidr block) {
    return block.isV4()
        ? new Prefix(false, block.base().low() << 32, 0, block.bits())
        : new Prefix(true, block.base().high(), block.base().low(), block.bits());
  }

  boolean contains(long high, long low) {
    return ((high ^ this.high) & highMask(bits)) == 0 && ((low ^ this.low) & lowMask(bits)) == 0;
  }

  /// How many leading bits the two have in common, at most as many as the shorter has.
  int common(Prefix other) {
    long different = high ^ other.high;
    int same =
        different != 0
            ? Long.numberOfLeadingZeros(different)
            : 64 + Long.numberOfLeadingZeros(low ^ other.low);
    return Math.min(same, Math.min(bits, other.bits));
  }

  boolean bit(int at) {
    return bit(high, low, at);
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
}
