package io.atoll.vpn.gateway.tcp;

/// Pieces of a stream, apart from each other and in order; a bounded number of them.
final class Ranges {
  private final long[] from;
  private final long[] to;
  private int count;
  private long total;
  private int latest;

  Ranges(int most) {
    from = new long[most];
    to = new long[most];
  }

  int count() {
    return count;
  }

  long from(int index) {
    return from[index];
  }

  long to(int index) {
    return to[index];
  }

  /// How many positions are covered.
  long total() {
    return total;
  }

  /// Which piece was the last to be touched.
  int latest() {
    return Math.min(latest, count - 1);
  }

  void clear() {
    count = 0;
    total = 0;
  }

  /// Adds a piece, and joins it with those that it touches.
  ///
  /// @return false, with nothing changed, if there would be one too many
  boolean add(long begin, long end) {
    int first = 0;
    while (first < count && to[first] < begin) {
      first++;
    }
    int after = first;
    while (after < count && from[after] <= end) {
      after++;
    }
    if (first == after) {
      if (count == from.length) {
        return false;
      }
      move(first, first + 1);
      from[first] = begin;
      to[first] = end;
      total += end - begin;
    } else {
      long low = Math.min(begin, from[first]);
      long high = Math.max(end, to[after - 1]);
      for (int i = first; i < after; i++) {
        total -= to[i] - from[i];
      }
      total += high - low;
      from[first] = low;
      to[first] = high;
      move(after, first + 1);
    }
    latest = first;
    return true;
  }

  /// Forgets what lies before a position.
  void dropBelow(long position) {
    int gone = 0;
    while (gone < count && to[gone] <= position) {
      total -= to[gone] - from[gone];
      gone++;
    }
    if (gone > 0) {
      move(gone, 0);
      latest = Math.max(0, latest - gone);
    }
    if (count > 0 && from[0] < position) {
      total -= position - from[0];
      from[0] = position;
    }
  }

  private void move(int source, int target) {
    int moved = count - source;
    for (int i = 0; i < moved; i++) {
      int k = target < source ? i : moved - 1 - i; // None is overwritten before it was moved.
      from[target + k] = from[source + k];
      to[target + k] = to[source + k];
    }
    count += target - source;
  }

  /// The first position from here on that is not covered.
  long gapAt(long position) {
    for (int i = 0; i < count && from[i] <= position; i++) {
      if (position < to[i]) {
        return to[i];
      }
    }
    return position;
  }

  /// Where the next piece behind a position begins.
  ///
  /// @param otherwise if there is none
  long nextFrom(long position, long otherwise) {
    for (int i = 0; i < count; i++) {
      if (from[i] > position) {
        return from[i];
      }
    }
    return otherwise;
  }

  /// How many positions from `begin` until before `end` are covered.
  long covered(long begin, long end) {
    long sum = 0;
    for (int i = 0; i < count && from[i] < end; i++) {
      sum += Math.max(0, Math.min(end, to[i]) - Math.max(begin, from[i]));
    }
    return sum;
  }

  /// Below which position there are more than so many covered ones behind, or so many pieces.
  ///
  /// @return 0 if there is no such position
  long edge(long positions, int pieces) {
    long sum = 0;
    for (int i = count - 1; i >= 0; i--) {
      sum += to[i] - from[i];
      if (sum > positions || count - i >= pieces) {
        return from[i];
      }
    }
    return 0;
  }
}
