package io.atoll.vpn.network;

import java.util.Arrays;

/// From the lower half of an address to a number, without making an object for the question: the
/// upper half is the same for all of a network's members. Immutable; any thread may ask. Open
/// addressing with linear probing, at most half full.
final class AddressTable {
  /// By the number.
  private final long[] lows;

  private final short[] numbers;
  private final int mask;

  /// @param lows the lower halves, no two alike, at most [Membership#MOST]; each has its place as
  ///     its number. They are not copied: nobody changes them
  AddressTable(long[] lows) {
    this.lows = lows;
    int slots = Integer.highestOneBit(Math.max(4, lows.length * 4 - 1));
    mask = slots - 1;
    numbers = new short[slots];
    Arrays.fill(numbers, (short) -1);
    for (int number = 0; number < lows.length; number++) {
      int slot = slot(lows[number]);
      while (numbers[slot] >= 0) {
        slot = slot + 1 & mask;
      }
      numbers[slot] = (short) number;
    }
  }

  /// @return -1 if it is not there
  int get(long low) {
    int slot = slot(low);
    int number = numbers[slot];
    while (number >= 0 && lows[number] != low) {
      slot = slot + 1 & mask;
      number = numbers[slot];
    }
    return number;
  }

  private int slot(long low) {
    long mixed = low * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & mask;
  }
}
