package io.atoll.vpn.network;

import java.util.Arrays;

/// From the lower half of an address to a number, without making an object for the question: the
/// upper half is the same for all of a network's members. Immutable; any thread may ask. Open
/// addressing with linear probing, at most half full.
final class AddressTable {
  private final long[] keys;
  private final short[] values;
  private final int mask;

  /// @param lows the lower halves, no two alike, at most [Membership#MOST]; each has its place as
  ///     its number
  AddressTable(long[] lows) {
    int slots = Integer.highestOneBit(Math.max(4, lows.length * 4 - 1));
    mask = slots - 1;
    keys = new long[slots];
    values = new short[slots];
    Arrays.fill(values, (short) -1);
    for (int number = 0; number < lows.length; number++) {
      int slot = slot(lows[number]);
      while (values[slot] >= 0) {
        slot = slot + 1 & mask;
      }
      keys[slot] = lows[number];
      values[slot] = (short) number;
    }
  }

  /// @return -1 if it is not there
  int get(long low) {
    int slot = slot(low);
    while (values[slot] >= 0) {
      if (keys[slot] == low) {
        return values[slot];
      }
      slot = slot + 1 & mask;
    }
    return -1;
  }

  private int slot(long low) {
    long mixed = low * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & mask;
  }
}
