package io.atoll.vpn.gateway.tcp;

/// How a machine behaves; times are in nanoseconds.
///
/// @param mss what a packet of the network carries behind the headers of IP and TCP
/// @param leastMss below this no message from the way brings it
/// @param capacity of the ring for what comes, at first
/// @param maxCapacity what it may grow to: the window is scaled for that
/// @param burst how many bytes may be sent as one segment, to be cut later
/// @param giveUp how long nothing is acknowledged before the connection is over
/// @param keepAlive how long nothing comes before the other end is asked; 0: never
/// @param linger twice the time that a segment lives (RFC 9293 §3.4.2), and how long a peer may
///     take to end its side when this one is all over
public record TcpSettings(
    int mss,
    int leastMss,
    int capacity,
    int maxCapacity,
    int burst,
    boolean sack,
    boolean stamps,
    long giveUp,
    long keepAlive,
    long linger) {
  private static final long SECOND = 1_000_000_000L;

  public TcpSettings {
    if (leastMss < 64 || mss < leastMss || mss > 65_495 || capacity < 1 || burst < 1) {
      throw new IllegalArgumentException("no settings of TCP: mss " + mss + ", burst " + burst);
    }
    if (maxCapacity < capacity || maxCapacity > 1 << 30 || giveUp <= 0 || linger <= 0) {
      throw new IllegalArgumentException("no settings of TCP: capacity " + maxCapacity);
    }
  }

  /// @param mss of a packet on this network
  /// @param leastMss what every way carries: 536 with IPv4, 1220 with IPv6
  public static TcpSettings usual(int mss, int leastMss) {
    return new TcpSettings(
        mss,
        Math.min(mss, leastMss),
        1 << 14,
        1 << 22,
        64_000,
        true,
        true,
        100 * SECOND,
        0,
        60 * SECOND);
  }

  public TcpSettings withMss(int newMss, int newLeast) {
    return new TcpSettings(
        newMss,
        Math.min(newMss, newLeast),
        capacity,
        maxCapacity,
        burst,
        sack,
        stamps,
        giveUp,
        keepAlive,
        linger);
  }

  public TcpSettings withRing(int first, int most) {
    return new TcpSettings(
        mss, leastMss, first, most, burst, sack, stamps, giveUp, keepAlive, linger);
  }

  public TcpSettings withOptions(boolean withSack, boolean withStamps) {
    return new TcpSettings(
        mss,
        leastMss,
        capacity,
        maxCapacity,
        burst,
        withSack,
        withStamps,
        giveUp,
        keepAlive,
        linger);
  }

  public TcpSettings withTimes(long newGiveUp, long newKeepAlive, long newLinger) {
    return new TcpSettings(
        mss,
        leastMss,
        capacity,
        maxCapacity,
        burst,
        sack,
        stamps,
        newGiveUp,
        newKeepAlive,
        newLinger);
  }

  /// So many bits the window needs to be shifted by.
  int scale() {
    int scale = 0;
    while (scale < TcpOptions.MAX_SCALE && maxCapacity >> scale > 0xffff) {
      scale++;
    }
    return scale;
  }
}
