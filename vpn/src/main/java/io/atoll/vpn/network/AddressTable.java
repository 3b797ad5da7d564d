package io.atoll.vpn.network;

import io.atoll.core.term.IpAddress;
import java.util.Arrays;
import java.util.Map;

/// From an address to a number, without making an object for the question. Immutable; any thread
/// may ask. Open addressing with linear probing, at most half full.
final class AddressTable {
  private final long[] keys;
  private final int[] values;
  private final int mask;

  /// @param numbers none is negative
  AddressTable(Map<IpAddress, Integer> numbers) {
    int slots = Integer.highestOneBit(Math.max(4, numbers.size() * 4 - 1));
    mask = slots - 1;
    keys = new long[2 * slots];
    values = new int[slots];
    Arrays.fill(values, -1);
    numbers.forEach(
        (address, number) -> {
          int slot = slot(address.high(), address.low());
          while (values[slot] >= 0) {
            slot = slot + 1 & mask;
          }
          keys[2 * slot] = address.high();
          keys[2 * slot + 1] = address.low();
          values[slot] = number;
        });
  }

  /// The halves of an address, as [IpAddress] has them.
  ///
  /// @return -1 if it is not there
  int get(long high, long low) {
    int slot = slot(high, low);
    while (values[slot] >= 0) {
      if (keys[2 * slot] == high && keys[2 * slot + 1] == low) {
        return values[slot];
      }
      slot = slot + 1 & mask;
    }
    return -1;
  }

  private int slot(long high, long low) {
    long mixed = (high * 0x9e3779b97f4a7c15L + low) * 0xbf58476d1ce4e5b9L;
    return (int) (mixed >>> 32) & mask;
  }
}
