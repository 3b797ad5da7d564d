package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import java.util.Arrays;
import java.util.function.IntPredicate;

/// Amounts of providers, in the order of a key, searched for those that are large enough.
///
/// A treap over slots (Seidel and Aragon, 1996): ordered by key, heap by a hash of the slot, so
/// its shape depends on what is in it and not on how it got there. Each node knows the largest
/// amount of each resource below it and which classes of providers are there; a search leaves
/// out what cannot hold a fit, which takes O(log n) steps unless the largest amounts of one
/// subtree are of different providers.
final class RoomIndex {
  private static final int NONE = -1;

  private final long seed;
  private int root = NONE;
  private int[] left = new int[0];
  private int[] right = new int[0];
  private boolean[] in = new boolean[0];
  private double[] key = new double[0];
  private long[] tie = new long[0];

  /// Of the slot: cpu, memory, disk, bits of its class; then the largest of each below it.
  private long[][] own = new long[4][0];

  private long[][] below = new long[4][0];
  private int cutLeft = NONE;
  private int cutRight = NONE;

  RoomIndex(long seed) {
    this.seed = seed;
  }

  /// Puts a slot in, or elsewhere.
  ///
  /// @param name decides between equal keys, with the seed
  void put(int slot, long name, double order, long cpu, long memory, long disk, long bits) {
    if (slot >= in.length) {
      grow(Math.max(16, slot + slot / 2 + 1));
    }
    long hash = mix(name ^ seed);
    boolean stays = in[slot] && key[slot] == order && tie[slot] == hash;
    if (in[slot] && !stays) {
      root = without(root, slot);
    }
    own[0][slot] = cpu;
    own[1][slot] = memory;
    own[2][slot] = disk;
    own[3][slot] = bits;
    if (stays) {
      pullTo(root, slot);
      return;
    }
    in[slot] = true;
    key[slot] = order;
    tie[slot] = hash;
    left[slot] = NONE;
    right[slot] = NONE;
    pull(slot);
    root = with(root, slot);
  }

  void remove(int slot) {
    if (slot < in.length && in[slot]) {
      root = without(root, slot);
      in[slot] = false;
    }
  }

  int first(Resources need, long bits, IntPredicate suits) {
    return first(need.cpuMillis(), need.memory(), need.disk(), bits, suits);
  }

  int last(Resources need, long bits, IntPredicate suits) {
    return last(need.cpuMillis(), need.memory(), need.disk(), bits, suits);
  }

  /// The fitting slot with the smallest key, -1 if there is none.
  int first(long cpu, long memory, long disk, long bits, IntPredicate suits) {
    return search(root, cpu, memory, disk, bits, suits, true);
  }

  /// The one with the largest key.
  int last(long cpu, long memory, long disk, long bits, IntPredicate suits) {
    return search(root, cpu, memory, disk, bits, suits, false);
  }

  private int search(
      int at, long cpu, long memory, long disk, long bits, IntPredicate suits, boolean up) {
    if (at == NONE || !fits(below, at, cpu, memory, disk, bits)) {
      return NONE;
    }
    int found = search(up ? left[at] : right[at], cpu, memory, disk, bits, suits, up);
    if (found != NONE) {
      return found;
    }
    if (fits(own, at, cpu, memory, disk, bits) && suits.test(at)) {
      return at;
    }
    return search(up ? right[at] : left[at], cpu, memory, disk, bits, suits, up);
  }

  private static boolean fits(
      long[][] amounts, int at, long cpu, long memory, long disk, long bits) {
    return amounts[0][at] >= cpu
        && amounts[1][at] >= memory
        && amounts[2][at] >= disk
        && (amounts[3][at] & bits) != 0;
  }

  private boolean before(int a, int b) {
    int byKey = Double.compare(key[a], key[b]);
    if (byKey != 0) {
      return byKey < 0;
    }
    return tie[a] == tie[b] ? a < b : tie[a] < tie[b];
  }

  private int with(int at, int slot) {
    if (at == NONE) {
      return slot;
    }
    if (above(slot, at)) {
      cut(at, slot);
      left[slot] = cutLeft;
      right[slot] = cutRight;
      pull(slot);
      return slot;
    }
    if (before(slot, at)) {
      left[at] = with(left[at], slot);
    } else {
      right[at] = with(right[at], slot);
    }
    pull(at);
    return at;
  }

  private int without(int at, int slot) {
    if (at == slot) {
      return joined(left[at], right[at]);
    }
    if (before(slot, at)) {
      left[at] = without(left[at], slot);
    } else {
      right[at] = without(right[at], slot);
    }
    pull(at);
    return at;
  }

  private int joined(int a, int b) {
    if (a == NONE) {
      return b;
    }
    if (b == NONE) {
      return a;
    }
    if (above(a, b)) {
      right[a] = joined(right[a], b);
      pull(a);
      return a;
    }
    left[b] = joined(a, left[b]);
    pull(b);
    return b;
  }

  /// Parts a tree into what is before the slot and what is behind it.
  private void cut(int at, int slot) {
    if (at == NONE) {
      cutLeft = NONE;
      cutRight = NONE;
    } else if (before(slot, at)) {
      cut(left[at], slot);
      left[at] = cutRight;
      pull(at);
      cutRight = at;
    } else {
      cut(right[at], slot);
      right[at] = cutLeft;
      pull(at);
      cutLeft = at;
    }
  }

  private boolean above(int a, int b) {
    long x = mix(tie[a]);
    long y = mix(tie[b]);
    return x == y ? a > b : x > y;
  }

  private void pull(int at) {
    for (int i = 0; i < 4; i++) {
      long most = own[i][at];
      most = i == 3 ? most | of(i, left[at]) : Math.max(most, of(i, left[at]));
      most = i == 3 ? most | of(i, right[at]) : Math.max(most, of(i, right[at]));
      below[i][at] = most;
    }
  }

  /// From a slot upwards.
  private void pullTo(int at, int slot) {
    if (at != slot) {
      pullTo(before(slot, at) ? left[at] : right[at], slot);
    }
    pull(at);
  }

  private long of(int what, int at) {
    return at == NONE ? (what == 3 ? 0 : Long.MIN_VALUE) : below[what][at];
  }

  private void grow(int size) {
    left = Arrays.copyOf(left, size);
    right = Arrays.copyOf(right, size);
    in = Arrays.copyOf(in, size);
    key = Arrays.copyOf(key, size);
    tie = Arrays.copyOf(tie, size);
    for (int i = 0; i < 4; i++) {
      own[i] = Arrays.copyOf(own[i], size);
      below[i] = Arrays.copyOf(below[i], size);
    }
  }

  /// The finaliser of SplitMix64: neighbours get unrelated numbers.
  static long mix(long number) {
    long z = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /// A number for a text; equal on each machine and in each run.
  static long number(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }
}
