package io.atoll.vpn.wireguard.route;

/// Which counters of a key have come (RFC 6479): each once, and none that is more than the window
/// behind the highest. Whoever owns one has a lock for it.
public final class ReplayWindow {
  private static final int WORD = 64;
  private static final int WORDS = 128;

  /// How far behind the highest a counter may be: the ring, less the word that is being filled.
  public static final int SIZE = (WORDS - 1) * WORD;

  private final long[] ring = new long[WORDS];
  private long highest = -1;

  /// Whether a packet with this counter was not there yet; from now on it was. Only for packets
  /// that were found genuine. Counters are below 2^63.
  public boolean accept(long counter) {
    if (counter > highest) {
      long from = highest / WORD;
      long steps = Math.min(counter / WORD - from, WORDS);
      if (highest < 0) {
        steps = 0;
      }
      for (long i = 1; i <= steps; i++) {
        ring[(int) ((from + i) % WORDS)] = 0;
      }
      highest = counter;
    } else if (highest - counter > SIZE) {
      return false;
    }
    int word = (int) (counter / WORD % WORDS);
    long bit = 1L << (counter % WORD);
    if ((ring[word] & bit) != 0) {
      return false;
    }
    ring[word] |= bit;
    return true;
  }
}
